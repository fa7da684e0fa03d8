// What is wrong with something from outside: the bytes break their format, or they are well-formed and not to be believed.
export class Malformed extends Error {
  override readonly name = "Malformed";
}

// reason: a word of the gate's fixed list, or of the pack's.
export class Rejected extends Error {
  override readonly name = "Rejected";
  constructor(readonly reason: string) {
    super(reason);
  }
}
