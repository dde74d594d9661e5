/** Names that an expression may use beside columns: the globals of ECMAScript, and the web's that Bun has as well. */
export const STANDARD_GLOBALS: ReadonlySet<string> = new Set(
  `globalThis Infinity NaN undefined eval isFinite isNaN parseFloat parseInt
  decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape
  AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date
  DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Int8Array
  Int16Array Int32Array Intl Iterator JSON Map Math Number Object Promise Proxy RangeError ReferenceError Reflect RegExp
  Set SharedArrayBuffer String SuppressedError Symbol SyntaxError Temporal TypeError URIError Uint8Array
  Uint8ClampedArray Uint16Array Uint32Array WeakMap WeakRef WeakSet WebAssembly
  AbortController AbortSignal Blob Buffer Bun CompressionStream DecompressionStream Event EventTarget FormData Headers
  Request Response TextDecoder TextEncoder URL URLSearchParams atob btoa clearInterval clearTimeout console crypto fetch
  performance process queueMicrotask setInterval setTimeout structuredClone`.split(/\s+/),
);
