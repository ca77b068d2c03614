import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './theme/tokens.css';
import './theme/base.css';
import './theme/forced-colors.css';
import { App } from './app/App.tsx';
import { begin } from './app/begin.ts';
import { followDeployments } from './app/deployment.ts';
import { isEmbed } from './browser/link.ts';
import { wake } from './engine/engine.ts';
import { ErrorBoundary } from './ui/ErrorBoundary.tsx';

function start(): void {
  // The worker and what is to be opened are on their way while the page is drawn.
  wake();
  begin();
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <ErrorBoundary name="The page">
        <App />
      </ErrorBoundary>
    </StrictMode>,
  );
  if (import.meta.env.PROD && !isEmbed) followDeployments(import.meta.url);
}

// In a sandbox without an origin no worker may be started: index.html says what the page needs.
if (self.origin === 'null') document.querySelector('.unstarted')?.classList.add('refused');
else start();
