/**
 * What a meter answers of a window that is full whatever was spent, as after an accepted rollback: more than any limit,
 * so nothing fits beside it. Base units.
 */
export const FULL_WINDOW = 2n ** 64n - 1n;
