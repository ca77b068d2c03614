import { Component, type ReactNode } from 'react';

/** A pane that breaks is our own mistake: it says so, and the rest of the page goes on. */
export class ErrorBoundary extends Component<{ name: string; children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="broken" role="alert">
        <h3>{this.props.name} broke</h3>
        <p>This is our mistake, not yours. Please report it with these words:</p>
        <pre>{error.message}</pre>
        <button type="button" className="button" onClick={() => this.setState({ error: undefined })}>
          Try again
        </button>
      </div>
    );
  }
}
