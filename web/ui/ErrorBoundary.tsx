import { Component, type ReactNode } from 'react';

/**
 * A chunk that is loaded when it is first needed is not there; each browser has words of its own.
 */
const MISSING_PART = [
  /dynamically imported module/i,
  /importing a module script failed/i,
  /error loading dynamically/i,
  /preload css/i,
];
const isMissingPart = ({ message }: Error): boolean =>
  MISSING_PART.some((words) => words.test(message));

interface Props {
  name: string;
  children: ReactNode;
  /** What the words stand in, where the broken thing would have brought its own frame. */
  around?: (words: ReactNode) => ReactNode;
}

/** A pane that breaks is our own mistake: it says so, and the rest of the page goes on. */
export class ErrorBoundary extends Component<Props, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const words = this.words(error);
    return this.props.around?.(words) ?? words;
  }

  private words(error: Error): ReactNode {
    if (isMissingPart(error)) {
      return (
        <div className="broken" role="alert">
          <h3>{this.props.name} could not be loaded</h3>
          <p>
            There is no connection, or a newer version of the playground has been put in place of
            this one. Reload the page to have all of it: the session that is open is kept.
          </p>
          <button type="button" className="button" onClick={() => location.reload()}>
            Reload the page
          </button>
        </div>
      );
    }
    return (
      <div className="broken" role="alert">
        <h3>{this.props.name} broke</h3>
        <p>This is our mistake, not yours. Please report it with these words:</p>
        <pre>{error.message}</pre>
        <button
          type="button"
          className="button"
          onClick={() => this.setState({ error: undefined })}
        >
          Try again
        </button>
      </div>
    );
  }
}
