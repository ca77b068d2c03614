import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { toast } from './stores/ui.ts';
import './theme/tokens.css';
import './theme/base.css';
import './theme/forced-colors.css';
import { App } from './app/App.tsx';
import { begin } from './app/begin.ts';
import { ErrorBoundary } from './ui/ErrorBoundary.tsx';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ErrorBoundary name="The page">
      <App />
    </ErrorBoundary>
  </StrictMode>,
);

begin();

// Without it (private windows, plain http) the page works, only not offline.
if (import.meta.env.PROD && navigator.serviceWorker) {
  const { serviceWorker } = navigator;
  const hadOne = serviceWorker.controller !== null;
  serviceWorker.addEventListener('controllerchange', () => {
    if (hadOne) toast('There is a new version of the playground: it comes with the next reload.');
  });
  serviceWorker.register('./sw.js').catch(() => undefined);
}
