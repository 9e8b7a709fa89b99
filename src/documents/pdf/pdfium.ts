// pdfium as WebAssembly, with a ceiling on its memory. Runs in the worker thread only: what it reads may trap, spin or fill what it is given.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PDFiumModule } from '@hyzyla/pdfium';

/** The functions of pdfium's C interface (fpdfview.h, fpdf_text.h, fpdf_edit.h …) that are used here; pointers and handles are numbers. */
interface PdfiumExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(bytes: number): number;
  free(pointer: number): void;
  FPDF_InitLibrary(): void;
  FPDF_LoadMemDocument(bytes: number, size: number, password: number): number;
  FPDF_CreateNewDocument(): number;
  FPDF_CloseDocument(document: number): void;
  FPDF_GetPageCount(document: number): number;
  FPDF_GetSecurityHandlerRevision(document: number): number;
  FPDF_GetFormType(document: number): number;
  FPDF_GetSignatureCount(document: number): number;
  FPDF_GetXFAPacketCount(document: number): number;
  FPDF_GetMetaText(document: number, tag: number, buffer: number, length: number): number;
  FPDFDoc_GetAttachmentCount(document: number): number;
  FPDFDoc_GetJavaScriptActionCount(document: number): number;
  FPDFBookmark_GetFirstChild(document: number, bookmark: number): number;
  FPDFDOC_InitFormFillEnvironment(document: number, info: number): number;
  FORM_OnAfterLoadPage(page: number, form: number): void;
  FORM_OnBeforeClosePage(page: number, form: number): void;
  FPDF_LoadPage(document: number, index: number): number;
  FPDF_ClosePage(page: number): void;
  FPDF_GetPageWidthF(page: number): number;
  FPDF_GetPageHeightF(page: number): number;
  FPDF_PageToDevice(
    page: number,
    startX: number,
    startY: number,
    sizeX: number,
    sizeY: number,
    rotate: number,
    x: number,
    y: number,
    deviceX: number,
    deviceY: number,
  ): number;
  FPDFPage_New(document: number, index: number, width: number, height: number): number;
  FPDFPage_Flatten(page: number, usage: number): number;
  FPDFPage_GetAnnotCount(page: number): number;
  FPDFPage_CountObjects(page: number): number;
  FPDFPage_GetObject(page: number, index: number): number;
  FPDFPage_InsertObject(page: number, object: number): void;
  FPDFPageObj_GetType(object: number): number;
  FPDFPageObj_GetMatrix(object: number, matrix: number): number;
  FPDFPageObj_SetIsActive(object: number, isActive: number): number;
  FPDFPageObj_NewTextObj(document: number, font: number, size: number): number;
  FPDFPageObj_Transform(object: number, a: number, b: number, c: number, d: number, e: number, f: number): void;
  FPDFImageObj_GetImagePixelSize(object: number, width: number, height: number): number;
  FPDFText_SetText(object: number, text: number): number;
  FPDFTextObj_GetFont(object: number): number;
  FPDFFont_GetIsEmbedded(font: number): number;
  FPDFText_LoadPage(page: number): number;
  FPDFText_ClosePage(text: number): void;
  FPDFText_CountChars(text: number): number;
  FPDFText_GetUnicode(text: number, index: number): number;
  FPDFText_IsGenerated(text: number, index: number): number;
  FPDFText_HasUnicodeMapError(text: number, index: number): number;
  FPDFText_GetTextObject(text: number, index: number): number;
  FPDFText_GetFontSize(text: number, index: number): number;
  FPDFText_GetMatrix(text: number, index: number, matrix: number): number;
  FPDFText_GetCharBox(text: number, index: number, left: number, right: number, bottom: number, top: number): number;
  FPDFText_GetLooseCharBox(text: number, index: number, rect: number): number;
  FPDFText_GetCharOrigin(text: number, index: number, x: number, y: number): number;
  FPDFBitmap_CreateEx(width: number, height: number, format: number, buffer: number, stride: number): number;
  FPDFBitmap_FillRect(bitmap: number, x: number, y: number, width: number, height: number, color: number): number;
  FPDFBitmap_GetBuffer(bitmap: number): number;
  FPDFBitmap_GetStride(bitmap: number): number;
  FPDFBitmap_Destroy(bitmap: number): void;
  FPDF_RenderPageBitmap(
    bitmap: number,
    page: number,
    startX: number,
    startY: number,
    sizeX: number,
    sizeY: number,
    rotate: number,
    flags: number,
  ): void;
}

/** Emscripten's imports; only the growth of the heap is looked at. */
interface Imports {
  readonly env: Record<string, (bytes: number) => number | boolean>;
}

interface Instance {
  readonly exports: object;
}

/** The part of the WebAssembly API that is used; the project's `lib` has no DOM, which declares it. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: Imports) => Instance;
}

type Load = (options: {
  print(text: string): void;
  printErr(text: string): void;
  instantiateWasm(imports: Imports, done: (instance: Instance, module: object) => void): object;
}) => Promise<{ readonly wasmExports: unknown }>;

/** Compiled once a thread; each document has an instance. */
let compiled: object | undefined;

/** Scratch for out parameters: 16 doubles. */
const SCRATCH_BYTES = 128;

/** pdfium's functions and its memory. Views of the memory are good until the next call: it grows. */
export class Pdfium {
  readonly call: PdfiumExports;
  readonly scratch: number;

  private constructor(exports: PdfiumExports) {
    this.call = exports;
    this.scratch = this.allocate(SCRATCH_BYTES);
  }

  /** @param maxBytes its memory grows up to this; beyond, an allocation fails or the thread traps */
  static async load(maxBytes: number): Promise<Pdfium> {
    const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
    const module = (compiled ??= new WebAssembly.Module(
      readFileSync(createRequire(import.meta.url).resolve('@hyzyla/pdfium/pdfium.wasm')),
    ));
    const load = PDFiumModule as unknown as Load;
    const loaded = await load({
      // What it says may hold text of the document.
      print: () => undefined,
      printErr: () => undefined,
      instantiateWasm: (imports, done) => {
        const { env } = imports;
        const grow = env.emscripten_resize_heap;
        env.emscripten_resize_heap = (bytes) => (bytes >>> 0 > maxBytes ? 0 : grow(bytes));
        const instance = new WebAssembly.Instance(module, imports);
        done(instance, module);
        return instance.exports;
      },
    });
    const pdfium = new Pdfium(loaded.wasmExports as PdfiumExports);
    pdfium.call.FPDF_InitLibrary();
    return pdfium;
  }

  /** @throws Error when its memory is full */
  allocate(bytes: number): number {
    const pointer = this.call.malloc(Math.max(1, bytes));
    if (pointer === 0) throw new Error('pdfium has no memory left');
    return pointer;
  }

  /** Its memory from `pointer` on. */
  bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.call.memory.buffer, pointer, length);
  }

  /** A copy of `bytes` in its memory. */
  copyIn(bytes: Uint8Array): number {
    const pointer = this.allocate(bytes.length);
    this.bytes(pointer, bytes.length).set(bytes);
    return pointer;
  }

  floats(count: number): Float32Array {
    return new Float32Array(this.call.memory.buffer, this.scratch, count);
  }

  doubles(count: number): Float64Array {
    return new Float64Array(this.call.memory.buffer, this.scratch, count);
  }

  ints(count: number): Int32Array {
    return new Int32Array(this.call.memory.buffer, this.scratch, count);
  }
}
