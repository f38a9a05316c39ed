/** A cloche half lifted, and the portcullis of tines behind it. */
export function HomePicture() {
  return (
    <svg className="home-picture" viewBox="0 0 420 420" aria-hidden="true" focusable="false">
      <circle className="hp-glow" cx="210" cy="210" r="200" />
      <g className="hp-bars">
        <path d="M90 60v220l-10 26M150 40v250l-5 26M210 34v262v26M270 40v250l5 26M330 60v220l10 26" />
        <path d="M70 120h280M66 190h288" />
      </g>
      <path className="hp-cloche" d="M78 288a132 132 0 0 1 264 0Z" />
      <path className="hp-shine" d="M112 270a100 100 0 0 1 62-80" />
      <circle className="hp-knob" cx="210" cy="148" r="13" />
      <path className="hp-plate" d="M48 294h324a12 12 0 0 1 0 24H48a12 12 0 0 1 0-24Z" />
      <path className="hp-foot" d="M150 326h120" />
      <path
        className="hp-steam"
        d="M176 112c-8-14 8-22 0-36M210 106c-8-14 8-22 0-36M244 112c-8-14 8-22 0-36"
      />
    </svg>
  );
}
