import "react";

declare module "react" {
  /** Custom properties, such as `--share`, are styles as well. */
  interface CSSProperties {
    [property: `--${string}`]: string | number | undefined;
  }
}
