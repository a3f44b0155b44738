/* Mistakes of whoever writes the page are thrown; what a buyer can meet is answered as `{error}`. */

class IntegrationError extends Error {
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

function demand(condition, message) {
  if (!condition) throw new IntegrationError(message);
}

function isClientSecret(value) {
  return /^pi_[^_]+_secret_[^_]+$/.test(value);
}

function demandClientSecret(value, where) {
  const shape = "a client secret of the form ${id}_secret_${secret}";
  demand(isClientSecret(value), `Invalid value for ${where}: value should be ${shape}.`);
}
