/** Outlines on a 24-unit grid, drawn for this app. */
const outlines = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  target: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM12 11.9v.2",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  cloud:
    "M3 4l17 16M7 18.500a4.5 4.5 0 0 1-.6-8.900M9.5 6.300a6 6 0 0 1 8.300 4.500A4 4 0 0 1 20 17.200M7 18.500h9",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
  user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5",
  people:
    "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 19.500c.7-3.300 3.200-5 6.500-5s5.800 1.700 6.500 5M15.500 5.300a3.5 3.5 0 0 1 0 6.400M18 14.800c1.900.700 3 2.300 3.500 4.700",
  chat: "M4 5h16v11.500h-9L6.500 20v-3.500H4zM8.5 9.500h7M8.5 12.500h4.500",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  search: "M11 4.500a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM16 16l4 4",
  trash: "M4.5 7h15M9.5 7V4.500h5V7M6.5 7l1 13h9l1-13M10.5 11v5M13.5 11v5",
  archive: "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
  pen: "M4.5 19.500l1-4L16 5l3 3L8.5 18.500z",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  back: "M14.5 5.500L8 12l6.5 6.5",
  calendar: "M4.5 6h15v14h-15zM4.5 10.500h15M8.5 3.500V8M15.5 3.500V8",
  flag: "M6 21V4.500h11l-2.5 4 2.5 4H6",
  tag: "M4 4h8l8.5 8.5-8 8L4 12zM8 8h.01",
  restore: "M5 12a7.5 7.5 0 1 0 2.5-5.600L5 8.500M5 4v4.500h4.5",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.500a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  mail: "M3.5 6h17v12.500h-17zM3.5 7l8.5 6.500L20.5 7",
  out: "M10 4.500H5v15h5M14.5 8l4 4-4 4M18.5 12H9.5",
  download: "M12 4v11M7.5 11L12 15.5 16.5 11M5 19.500h14",
  folder: "M3.5 6.500h6l2 2.500h9v10h-17z",
  folderPlus: "M3.5 6.500h6l2 2.500h9v10h-17zM12 11.500v5M9.500 14h5",
  file: "M6 3.500h8l4.5 4.500v12.500H6zM13.5 3.500V8.500h5",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1.200 1.200M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1.200-1.200",
  clip: "M8 12.500l6.300-6.300a2.800 2.800 0 0 1 4 4L10 18.500a4.700 4.700 0 0 1-6.600-6.600L11 4.300",
  upload: "M12 15.500V4.500M7.5 9L12 4.5 16.5 9M5 19.500h14",
  pause: "M9 5.500v13M15 5.500v13",
  play: "M8 5.500l10.500 6.500L8 18.500z",
  device: "M4 5h16v11H4zM9 20h6M12 16v4",
  warning: "M12 4L2.5 20h19zM12 10v5M12 17.500v.01",
  book: "M12 6.500C10 5 7 4.5 4 4.800V18c3-.3 6 .2 8 1.7 2-1.5 5-2 8-1.700V4.800c-3-.3-6 .2-8 1.700zM12 6.500v13.2",
  briefcase: "M4 8h16v11.500H4zM9 8V5h6v3M4 13h16",
  home: "M4 11l8-7 8 7M6 9.500V20h12V9.500M10 20v-6h4v6",
  heart: "M12 20S4 15 4 9.500A4.3 4.3 0 0 1 12 7.200a4.3 4.3 0 0 1 8 2.300C20 15 12 20 12 20z",
  leaf: "M5 19c0-9 5-14 15-14 0 10-5 15-12 14zM5 20c2-5 5-8 9-10",
  coin: "M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM14.5 9.500c-.5-1-1.5-1.3-2.5-1.3-1.5 0-2.5.7-2.5 1.8 0 2.7 5 1.3 5 4 0 1.1-1 1.8-2.5 1.8-1 0-2-.3-2.5-1.300M12 6.500v11",
  plane: "M3 13l18-9-6.5 17-3-7z",
  music:
    "M9 17.500V5.500l10-2v12M9 17.500a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM19 15.500a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z",
  shield: "M12 3.500l7.5 3v5c0 4.500-3 7.500-7.5 9-4.500-1.500-7.5-4.500-7.5-9v-5zM8.5 12l2.5 2.500 4.500-5",
  star: "M12 3.500l2.6 5.6 6 .7-4.5 4.1 1.2 6-5.3-3-5.3 3 1.2-6L3.4 9.800l6-.7z",
} as const;

export type IconName = keyof typeof outlines;

export function isIcon(name: string): name is IconName {
  return Object.hasOwn(outlines, name);
}

/** A drawing beside words; it says nothing by itself, so readers of the page skip it. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={outlines[name]} />
    </svg>
  );
}
