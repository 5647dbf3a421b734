package host

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"

	"wafer/internal/machine"

	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/num"
)

// Symbol finds a global of the program on one core.
func (h *Host) Symbol(x, y int, name string) (image.Symbol, error) {
	if x < 0 || y < 0 || x >= h.im.Rect.W || y >= h.im.Rect.H {
		return image.Symbol{}, fail(CodeRegion, "coordinates count from the corner of the program rectangle",
			"core (%d,%d) does not lie in the %dx%d rectangle", x, y, h.im.Rect.W, h.im.Rect.H)
	}
	i, p := h.program(x, y)
	if p == nil {
		return image.Symbol{}, fail(CodeNotHere, "", "core (%d,%d) has no program", x, y)
	}
	if h.symbols[i] == nil {
		h.symbols[i] = make(map[string]image.Symbol, len(p.Symbols))
		for _, s := range p.Symbols {
			h.symbols[i][s.Name] = s
		}
	}
	s, ok := h.symbols[i][name]
	if !ok {
		names := make([]string, len(p.Symbols))
		for k, s := range p.Symbols {
			names[k] = s.Name
		}
		cure := "`cs_readelf --symbols` lists what is there; globals that nothing uses are left out unless exported"
		if near := diag.Nearest(name, names); near != "" {
			cure = fmt.Sprintf("did you mean %q?", near)
		}
		return s, fail(CodeNotHere, cure, "the program of core (%d,%d) has no symbol %q", x, y, name)
	}
	return s, nil
}

// ReadSymbol reads a global of one core, also one that is not exported and also
// after Stop.
func (h *Host) ReadSymbol(x, y int, name string) ([]uint16, error) {
	s, err := h.Symbol(x, y, name)
	if err != nil {
		return nil, err
	}
	words := make([]uint16, s.Words)
	return words, h.dev.Read(x, y, s.Addr, words)
}

// WriteSymbol stores into a global of one core.
func (h *Host) WriteSymbol(x, y int, name string, words []uint16) error {
	s, err := h.Symbol(x, y, name)
	if err != nil {
		return err
	}
	if len(words) > s.Words {
		return fail(CodeShape, "", "symbol %q of core (%d,%d) has %d words, not %d", name, x, y, s.Words, len(words))
	}
	return h.dev.Write(x, y, s.Addr, words)
}

// ReadTrace reads the trace buffer that the <debug> library keeps under a key.
func (h *Host) ReadTrace(x, y int, key string) ([]any, error) {
	words, err := h.ReadSymbol(x, y, TracePrefix+key)
	if err != nil {
		return nil, fail(CodeTrace, "", "core (%d,%d) has no trace buffer with the key %q", x, y, key)
	}
	return DecodeTrace(words, h.im.FP16)
}

// TracePrefix stands before the key in the name of a trace buffer's symbol.
const TracePrefix = "$trace."

// The types of trace records. docs/spec/debug-trace.md has the whole form.
const (
	traceTime = 1 + iota
	traceString
	traceBool
	traceU16
	traceI16
	traceU32
	traceI32
	traceF16
	traceF32
	traceBF16
	traceCB16
	traceU64
	traceI64
)

// DecodeTrace turns a trace buffer into values: integers as int64 (uint64 where
// they are larger), floats as float64, strings and bools.
func DecodeTrace(words []uint16, fp16 string) ([]any, error) {
	if len(words) < 2 || int(words[0])+2 > len(words) {
		return nil, fail(CodeTrace, "", "the trace buffer is damaged: %d words in use of %d", firstOr(words), len(words)-2)
	}
	w := words[2 : 2+words[0]]
	out := []any{}
	for len(w) > 0 {
		n := int(w[0] >> 8)
		if n+1 > len(w) {
			return nil, fail(CodeTrace, "", "the trace buffer is damaged: a record of %d words has room for %d", n, len(w)-1)
		}
		v, ok := traceValue(int(w[0]&0xff), w[1:1+n], fp16)
		if !ok {
			return nil, fail(CodeTrace, "", "the trace buffer is damaged: record of type %d with %d words", w[0]&0xff, n)
		}
		out = append(out, v)
		w = w[1+n:]
	}
	return out, nil
}

func firstOr(w []uint16) int {
	if len(w) == 0 {
		return 0
	}
	return int(w[0])
}

func join(p []uint16) (v uint64) {
	for i, w := range p {
		v |= uint64(w) << (16 * i)
	}
	return v
}

//tidy:dispatch
func traceValue(kind int, p []uint16, fp16 string) (any, bool) {
	if kind == traceString {
		return traceText(p)
	}
	want := map[int]int{
		traceTime: 3, traceBool: 1, traceU16: 1, traceI16: 1, traceU32: 2, traceI32: 2,
		traceF16: 1, traceF32: 2, traceBF16: 1, traceCB16: 1, traceU64: 4, traceI64: 4,
	}[kind]
	if want == 0 || len(p) != want {
		return nil, false
	}
	switch v := join(p); kind {
	case traceBool:
		return v != 0, true
	case traceI16:
		return int64(int16(v)), true
	case traceI32:
		return int64(int32(v)), true
	case traceF32:
		return float64(math.Float32frombits(uint32(v))), true
	case traceF16:
		return half(fp16, p[0]), true
	case traceBF16:
		return half("bf16", p[0]), true
	case traceCB16:
		return half("cb16", p[0]), true
	case traceU64:
		return v, true
	default:
		return int64(v), true
	}
}

func half(format string, w uint16) float64 {
	f, ok := num.ParseFormat(format)
	if !ok {
		f, _ = num.ParseFormat("f16")
	}
	return f.ToF64(w)
}

func traceText(p []uint16) (any, bool) {
	if len(p) == 0 || int(p[0]+1)/2 != len(p)-1 {
		return nil, false
	}
	b := make([]byte, 0, 2*len(p))
	for _, w := range p[1:] {
		b = append(b, byte(w), byte(w>>8))
	}
	return string(b[:p[0]]), true
}

// Dump writes the memory of every core to a file: the words of each core, row by
// row, little end first, behind a head
// of one JSON line. debug_util reads it where the run itself is gone.
func (h *Host) Dump(path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write core file: %w", err)
	}
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("write core file: %w", e)
		}
	}()
	w := bufio.NewWriterSize(f, 1<<16)
	head := map[string]int{
		"wafer_core": 1, "x": h.im.Rect.X, "y": h.im.Rect.Y, "w": h.im.Rect.W, "h": h.im.Rect.H,
		"words": machine.SRAMWords, "cycle": int(h.dev.Cycle()),
	}
	if err := json.NewEncoder(w).Encode(head); err != nil {
		return fmt.Errorf("write core file: %w", err)
	}
	words := make([]uint16, machine.SRAMWords)
	for y := range h.im.Rect.H {
		for x := range h.im.Rect.W {
			clear(words)
			if i, _ := h.program(x, y); i >= 0 {
				if err := h.dev.Read(x, y, 0, words); err != nil {
					return err
				}
			}
			if err := binary.Write(w, binary.LittleEndian, words); err != nil {
				return fmt.Errorf("write core file: %w", err)
			}
		}
	}
	return w.Flush()
}
