import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { AuthenticationService } from './shared/authentication/authentication-service.ts';
import { openClient } from './shared/authentication/open-client.ts';
import { loadSettings } from './shared/settings.ts';
import './shared/styles/theme.css';
import './shared/styles/base.css';
import './shared/styles/controls.css';
import './shared/styles/shell.css';
import './shared/styles/pages.css';

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no element "root"');
const root = createRoot(element);

try {
  const settings = await loadSettings();
  const authentication = new AuthenticationService(() => openClient(settings), settings.apiUrl);
  // The page does not wait for this: the menu can be read meanwhile.
  const arrived = authentication.start();
  root.render(<App authentication={authentication} arrived={arrived} />);
} catch (error) {
  reportError(error);
  root.render(
    <main className="page page-centred" role="alert">
      <h1>The dashboard could not start</h1>
      <p className="lead">
        Its own server gave no settings. Look at your connection, then load the page again.
      </p>
      <button type="button" className="button button-primary" onClick={() => location.reload()}>
        Retry
      </button>
    </main>,
  );
}
