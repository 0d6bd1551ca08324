/** The constants of SHA-256: the first 32 bits of the fractional parts of roots of primes. */

export const ROUNDS = 64;

const PRIMES = [...primes(ROUNDS)];
export const K = Uint32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
export const START = Uint32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

function fraction(root) {
  return Math.floor((root % 1) * 2 ** 32);
}

function* primes(count) {
  for (let number = 2; count; number += 1) {
    if (!divides(number)) {
      count -= 1;
      yield number;
    }
  }
}

function divides(number) {
  for (let by = 2; by * by <= number; by += 1) if (number % by === 0) return true;
  return false;
}
