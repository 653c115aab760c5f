import type { ButtonHTMLAttributes } from "react";
import { Icon, type IconName } from "./Icon.tsx";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  tone?: "primary" | "plain" | "ghost" | "ghost danger";
  small?: boolean;
  wide?: boolean;
  icon?: IconName;
  /** While a call runs: the button stays where it is, keeps the focus, and does nothing. */
  busy?: boolean;
};

export function Button({ tone = "plain", small, wide, icon, busy, children, onClick, ...rest }: ButtonProps) {
  const classes = ["button", tone, small && "small", wide && "wide"].filter(Boolean).join(" ");
  return (
    <button
      type="button"
      className={classes}
      aria-busy={busy || undefined}
      onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
      {...rest}
    >
      {icon && <Icon name={icon} size={18} />}
      <span>{children}</span>
    </button>
  );
}

type IconButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  icon: IconName;
  label: string;
  danger?: boolean;
};

/** A button without words; its label is read out and shown on hover. */
export function IconButton({ icon, label, danger, ...rest }: IconButtonProps) {
  const classes = `button icon ghost${danger ? " danger" : ""}`;
  return (
    <button type="button" className={classes} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
