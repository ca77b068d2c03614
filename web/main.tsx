import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './theme/tokens.css';
import './theme/base.css';
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

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // Without it (private windows, plain http) the page works, only not offline.
  navigator.serviceWorker.register('./sw.js').catch(() => undefined);
}
