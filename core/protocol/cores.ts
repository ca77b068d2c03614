import type { Frames } from '../session/batch-frames.ts';
import type { SessionInputs } from '../session/types.ts';
import type { JudgedColumns } from '../traffic/judged-columns.ts';

/** Packets of a capture that stand one behind the other; the first is that of a place in it. */
export interface CorePiece {
  readonly first: number;
  readonly frames: Frames;
}

/** What a worker is asked that runs pieces of a capture, one message behind the other. */
export type CoreWish =
  | { readonly type: 'begin'; readonly inputs: SessionInputs; readonly engine: string }
  | { readonly type: 'run'; readonly piece: CorePiece };

/** What it answers: to each piece what became of its packets, in their order. */
export type CoreReply =
  | { readonly kind: 'judged'; readonly columns: JudgedColumns }
  | { readonly kind: 'broke'; readonly message: string };
