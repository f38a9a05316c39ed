const PATHS = {
  home: 'M4 11.5 12 4l8 7.5M6 10v9.5h4.5V14h3v5.5H18V10',
  dish: 'M3.5 16.5h17M5 16.5a7 7 0 0 1 14 0M12 9.5V7.5M10.5 7.5h3M5.5 19.5h13',
  key: 'M14.5 9.5a4 4 0 1 1-3.2-3.9 4 4 0 0 1 3.2 3.9ZM12.8 12.6 19 19v1.5h-2.5v-2h-2v-2l-2-2',
  enter: 'M13.5 4.5H19v15h-5.5M4.5 12h10M11 8l4 4-4 4',
  leave: 'M10.5 4.5H5v15h5.5M9.5 12h10M16 8l4 4-4 4',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20a7.5 7.5 0 0 1 15 0',
  plus: 'M12 5v14M5 12h14',
  pencil: 'M5 19l.8-3.8L15.6 5.4a2 2 0 0 1 2.9 2.9L8.7 18.1 5 19Z',
  bin: 'M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7M10.3 10.5v5.5M13.7 10.5v5.5',
  back: 'M11 6l-6 6 6 6M5.5 12H19',
  warning: 'M12 4.5 21 19.5H3L12 4.5ZM12 10v4.5M12 17v.2',
  lock: 'M6.5 11h11v8.5h-11zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  check: 'M5 12.5 10 17.5 19.5 7',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
