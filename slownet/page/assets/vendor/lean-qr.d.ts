/** What the page uses of lean-qr. */

/** How much of a code may be damaged: L 7 %, M 15 %. */
export type Correction = number & { readonly kind: unique symbol };

export const correction: Readonly<{ L: Correction; M: Correction }>;

export interface Code {
  /** Modules along one side, without the quiet zone. */
  readonly size: number;
  /** Whether a module is black. */
  get(x: number, y: number): boolean;
}

/** The code of a text; an error if it is too long for any. */
export function generate(text: string, options?: { minCorrectionLevel?: Correction }): Code;
