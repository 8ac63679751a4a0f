import { createRoot } from 'react-dom/client';
import './app/styles';
import './app/tokens.css';
import { App } from './app/App';
import { styleNonce } from './app/base';
import { chooseLanguage } from './i18n/translate';

// The scroll lock under dialogues makes style elements of its own and looks for the nonce under this name.
(window as { __webpack_nonce__?: string | undefined }).__webpack_nonce__ = styleNonce();

async function start(): Promise<void> {
  document.documentElement.lang = await chooseLanguage(navigator.languages);
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<App />);
}

void start();
