// What wrote the receipt and (0012,0063).

/** Program and version; a test holds it against package.json. */
export const ENGINE = 'Lethe 0.1.0';
