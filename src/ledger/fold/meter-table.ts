/**
 * Sums by public key and unit. Two maps, one in the other: a joined name would have to be made, flattened and hashed
 * at each question, and a decision asks hundreds where a key has hundreds of limits.
 */
export class MeterTable<Sums> {
  readonly #byKey = new Map<string, Map<string, Sums>>();

  /** From names as `save` tells them. */
  static restore<Sums>(saved: Iterable<readonly [name: string, sums: Sums]>): MeterTable<Sums> {
    const table = new MeterTable<Sums>();
    for (const [name, sums] of saved) {
      // Base58 holds no space; a unit may.
      const space = name.indexOf(' ');
      table.#unitsOf(name.slice(0, space)).set(name.slice(space + 1), sums);
    }
    return table;
  }

  /** `<public key> <unit>`, and what is held. */
  *entries(): Generator<[name: string, sums: Sums]> {
    for (const [publicKey, units] of this.#byKey) {
      for (const [unit, sums] of units) yield [`${publicKey} ${unit}`, sums];
    }
  }

  get(publicKey: string, unit: string): Sums | undefined {
    return this.#byKey.get(publicKey)?.get(unit);
  }

  /** What is held, or what `make` makes and is held from now on. */
  take(publicKey: string, unit: string, make: () => Sums): Sums {
    const units = this.#unitsOf(publicKey);
    let sums = units.get(unit);
    if (sums === undefined) units.set(unit, (sums = make()));
    return sums;
  }

  #unitsOf(publicKey: string): Map<string, Sums> {
    let units = this.#byKey.get(publicKey);
    if (units === undefined) this.#byKey.set(publicKey, (units = new Map<string, Sums>()));
    return units;
  }

  /** Forgets what `drained` says is over. */
  sweep(drained: (sums: Sums) => boolean): void {
    for (const [publicKey, units] of this.#byKey) {
      for (const [unit, sums] of units) if (drained(sums)) units.delete(unit);
      if (units.size === 0) this.#byKey.delete(publicKey);
    }
  }
}
