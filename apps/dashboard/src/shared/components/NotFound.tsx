import { Link } from 'react-router';
import { PageHeading } from './PageHeading.tsx';

export function NotFound({
  title = 'Page Not Found',
  text = 'Nothing is served at this address. The dish may have been taken off the menu, or the address has a slip.',
}: {
  readonly title?: string;
  readonly text?: string;
}) {
  return (
    <div className="page page-centred">
      <svg className="broken-plate" viewBox="0 0 240 180" aria-hidden="true" focusable="false">
        <ellipse className="plate-shadow" cx="120" cy="158" rx="88" ry="9" />
        <g className="plate">
          <path d="M112 20a66 66 0 0 0-50 108l26-20 4-22 22-14-10-24 8-28Z" />
          <path d="M128 21a66 66 0 0 1 47 40l-34 12-13 18-14-8 8-14-8-20 14-28Z" />
          <path d="M179 71a66 66 0 0 1-24 67l-20-22 0-16 12-16 32-13Z" />
          <path d="M147 146a66 66 0 0 1-76-11l26-19 5-20 16 9 8 22 21 19Z" />
        </g>
        <path
          className="plate-rim"
          d="M104 45a42 42 0 0 0-28 56M133 43a42 42 0 0 1 20 14M160 82a42 42 0 0 1-11 34M131 128a42 42 0 0 1-34-3"
        />
        <path
          className="plate-crumb"
          d="M196 122l10 3-4 8zM40 112l-9 6 8 5zM186 40l8-6 2 9zM206 150l6-4 2 7z"
        />
      </svg>
      <PageHeading title={title} />
      <p className="lead">{text}</p>
      <Link className="button button-primary" to="/menu">
        Browse the dishes
      </Link>
    </div>
  );
}
