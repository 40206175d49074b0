// Owns the lock on the realm: no code from strings, no pollution of prototypes. Runs last.

const GONE = ['eval', 'Function', 'WebAssembly', 'Atomics', 'SharedArrayBuffer', 'setTimeout', 'setInterval', 'clearTimeout', 'clearInterval',
  'console', 'std', 'os', 'print', 'bjs', 'gc', 'navigator', 'performance', 'queueMicrotask', 'FinalizationRegistry', 'WeakRef', 'ShadowRealm'];

export function hardenRealm(keep = []) {
  const { Function: FunctionConstructor } = globalThis;
  for (const sample of [function () {}, async function () {}, function* () {}, async function* () {}]) {
    Object.defineProperty(Object.getPrototypeOf(sample), 'constructor', { value: undefined });
  }
  for (const name of GONE) if (!keep.includes(name)) delete globalThis[name];
  // Freezing would break feelin, which tags functions with a `toString` of their own.
  const shared = [Object, Array, String, Number, Boolean, RegExp, Date, Map, Set, WeakMap, WeakSet, Promise, Error, Symbol, FunctionConstructor];
  for (const constructor of shared) Object.preventExtensions(constructor.prototype);
  delete Object.prototype.__proto__;
  // Libraries reach for Function.prototype; a thing that cannot be called gives them that and no code from strings.
  globalThis.Function = Object.freeze({ prototype: FunctionConstructor.prototype });
}
