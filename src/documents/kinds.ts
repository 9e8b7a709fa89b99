// The kinds of documents that can be cleaned.

export type DocumentKind = 'pdf' | 'cda' | 'html' | 'rtf' | 'text' | 'stl' | 'obj' | 'mtl';
