// Package trace turns what a simulation observed into something to look at.
//
// In: events and grids of numbers, in simulated cycles. Out: a trace in the
// Chrome JSON format, which ui.perfetto.dev and chrome://tracing open, streamed
// to a writer (events.go); and heat maps of the wafer as SVG (heatmap.go). The
// same input gives the same bytes: no clock, no map order.
//
// The format is described in "Trace Event Format" (Google, public document):
// an object with an array of events; ts and dur are microseconds.
package trace

import (
	"bufio"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Core is a place on the wafer, x to the east and y to the south.
type Core struct{ X, Y int }

// Rect is a block of cores; W or H zero means up to the edge.
type Rect struct{ X, Y, W, H int }

func (r Rect) contains(c Core) bool {
	return c.X >= r.X && c.Y >= r.Y && (r.W == 0 || c.X < r.X+r.W) && (r.H == 0 || c.Y < r.Y+r.H)
}

// Options choose what is written. The zero value writes everything up to
// DefaultLimit events.
type Options struct {
	Cores []Rect // only these; none means all
	// From and To bound the cycles: events that touch [From, To) are written.
	// To zero means no end.
	From, To uint64
	// ClockHz makes time real. Zero draws a cycle as a nanosecond, which is
	// easiest to read: the viewer's clock then counts cycles.
	ClockHz float64
	Limit   int // events written; zero means DefaultLimit
}

// DefaultLimit keeps a forgotten trace from filling a disk: about 1.2 GB. What
// comes after is counted, and the count is written at the end.
const DefaultLimit = 10_000_000

// Writer streams events. Errors stick and are returned by Close.
type Writer struct {
	out     *bufio.Writer
	opt     Options
	buf     []byte
	err     error
	written int
	dropped int
	named   map[int64]bool // processes that have a name already
}

// NewWriter begins a trace.
func NewWriter(out io.Writer, opt Options) *Writer {
	if opt.Limit == 0 {
		opt.Limit = DefaultLimit
	}
	w := &Writer{out: bufio.NewWriterSize(out, 1<<16), opt: opt, named: map[int64]bool{}}
	w.buf = append(w.buf, `{"displayTimeUnit":"ns","traceEvents":[`...)
	return w
}

// Arg is a named value shown with an event. Make it with Int, Float or Text.
type Arg struct {
	key, text string
	num       float64
	integer   int64
	kind      argKind
}

type argKind uint8

const (
	argInt argKind = iota
	argFloat
	argText
)

// Int is an integer argument.
func Int(key string, v int64) Arg { return Arg{key: key, integer: v, kind: argInt} }

// Float is a number argument.
func Float(key string, v float64) Arg { return Arg{key: key, num: v, kind: argFloat} }

// Text is a string argument.
func Text(key, v string) Arg { return Arg{key: key, text: v, kind: argText} }

// Wants tells whether an event of a core in [begin, end] would be written. The
// simulator asks before it prepares an event.
func (w *Writer) Wants(c Core, begin, end uint64) bool {
	if end < w.opt.From || w.opt.To != 0 && begin >= w.opt.To {
		return false
	}
	if len(w.opt.Cores) == 0 {
		return true
	}
	return slices.ContainsFunc(w.opt.Cores, func(r Rect) bool { return r.contains(c) })
}

// Complete is something that lasted: a task, a vector operation, a stall. lane
// is one of the core's rows: the main thread, a microthread, the router.
func (w *Writer) Complete(c Core, lane int, name, category string, begin, end uint64, args ...Arg) {
	if !w.open(c, begin, end) {
		return
	}
	w.head('X', name, pid(c), lane)
	w.time("ts", begin)
	w.time("dur", end-begin)
	w.category(category)
	w.args(args)
	w.close()
}

// Instant is something without length: a wavelet dropped, a fault.
func (w *Writer) Instant(c Core, lane int, name, category string, at uint64, args ...Arg) {
	if !w.open(c, at, at) {
		return
	}
	w.head('i', name, pid(c), lane)
	w.time("ts", at)
	w.raw(`,"s":"t"`)
	w.category(category)
	w.args(args)
	w.close()
}

// Counter is values over time, drawn as stacked areas: queue depths, busy cores.
func (w *Writer) Counter(c Core, name string, at uint64, values ...Arg) {
	if !w.open(c, at, at) {
		return
	}
	w.head('C', name, pid(c), 0)
	w.time("ts", at)
	w.args(values)
	w.close()
}

// Lane names a row of a core: "main", "ut 3", "router".
func (w *Writer) Lane(c Core, lane int, name string) {
	if !w.Wants(c, w.opt.From, w.opt.From) {
		return
	}
	w.process(c)
	w.meta("thread_name", pid(c), lane, Text("name", name))
	w.meta("thread_sort_index", pid(c), lane, Int("sort_index", int64(lane)))
}

// Close ends the trace and reports the first error of writing it.
func (w *Writer) Close() error {
	if w.dropped > 0 {
		w.begin()
		w.raw(`{"ph":"M","name":"dropped_events","pid":0,"tid":0`)
		w.args([]Arg{Int("count", int64(w.dropped)), Int("limit", int64(w.opt.Limit))})
		w.raw("}")
	}
	w.raw("\n]}\n")
	w.flush()
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}

// Dropped is the number of events that the limit kept out.
func (w *Writer) Dropped() int { return w.dropped }

// pid is the process number of a core. Viewers group rows by process.
func pid(c Core) int64 { return int64(c.Y)<<16 | int64(c.X) }

// open decides whether an event is written and names its core the first time.
func (w *Writer) open(c Core, begin, end uint64) bool {
	if w.err != nil || !w.Wants(c, begin, end) {
		return false
	}
	if w.written >= w.opt.Limit {
		w.dropped++
		return false
	}
	w.written++
	w.process(c)
	return true
}

func (w *Writer) process(c Core) {
	id := pid(c)
	if w.named[id] {
		return
	}
	w.named[id] = true
	name := "core " + strconv.Itoa(c.X) + "," + strconv.Itoa(c.Y)
	w.meta("process_name", id, 0, Text("name", name))
	w.meta("process_sort_index", id, 0, Int("sort_index", id))
}

func (w *Writer) meta(what string, id int64, lane int, a Arg) {
	w.head('M', what, id, lane)
	w.args([]Arg{a})
	w.close()
}

// begin starts an event on a new line.
func (w *Writer) begin() {
	if last := w.buf[len(w.buf)-1]; last != '[' {
		w.buf = append(w.buf, ',')
	}
	w.buf = append(w.buf, '\n')
}

func (w *Writer) head(phase byte, name string, id int64, lane int) {
	w.begin()
	w.raw(`{"ph":"`)
	w.buf = append(w.buf, phase)
	w.raw(`","name":`)
	w.text(name)
	w.raw(`,"pid":`)
	w.buf = strconv.AppendInt(w.buf, id, 10)
	w.raw(`,"tid":`)
	w.buf = strconv.AppendInt(w.buf, int64(lane), 10)
}

func (w *Writer) category(c string) {
	if c != "" {
		w.raw(`,"cat":`)
		w.text(c)
	}
}

// time writes a number of cycles in microseconds.
func (w *Writer) time(key string, cycles uint64) {
	w.raw(`,"`)
	w.raw(key)
	w.raw(`":`)
	if w.opt.ClockHz > 0 {
		w.number(float64(cycles) / w.opt.ClockHz * 1e6)
		return
	}
	// Thousandths, exactly: a float would lose digits in long runs.
	w.buf = strconv.AppendUint(w.buf, cycles/1000, 10)
	if r := cycles % 1000; r != 0 {
		w.buf = append(w.buf, '.', byte('0'+r/100), byte('0'+r/10%10), byte('0'+r%10))
	}
}

func (w *Writer) args(args []Arg) {
	if len(args) == 0 {
		return
	}
	w.raw(`,"args":{`)
	for i, a := range args {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.text(a.key)
		w.buf = append(w.buf, ':')
		switch a.kind {
		case argInt:
			w.buf = strconv.AppendInt(w.buf, a.integer, 10)
		case argFloat:
			w.number(a.num)
		default:
			w.text(a.text)
		}
	}
	w.buf = append(w.buf, '}')
}

// number writes a float; JSON has no infinities and no NaN, so those are text.
func (w *Writer) number(v float64) {
	if v-v != 0 {
		w.text(strconv.FormatFloat(v, 'g', -1, 64))
		return
	}
	w.buf = strconv.AppendFloat(w.buf, v, 'g', -1, 64)
}

// text writes a JSON string.
func (w *Writer) text(s string) {
	const hex = "0123456789abcdef"
	w.buf = append(w.buf, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.buf = append(w.buf, '\\', byte(r))
		case r < ' ':
			w.buf = append(w.buf, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			w.buf = utf8.AppendRune(w.buf, r)
		}
	}
	w.buf = append(w.buf, '"')
}

func (w *Writer) raw(s string) { w.buf = append(w.buf, s...) }

func (w *Writer) close() {
	w.buf = append(w.buf, '}')
	if len(w.buf) > 1<<15 {
		w.flush()
	}
}

// flush hands on all but the last byte, which tells whether a comma is due.
func (w *Writer) flush() {
	if w.err != nil {
		w.buf = w.buf[len(w.buf)-1:]
		return
	}
	n := len(w.buf) - 1
	if _, w.err = w.out.Write(w.buf[:n]); w.err == nil && w.buf[n] == '\n' {
		w.err = w.out.WriteByte('\n')
	}
	w.buf = append(w.buf[:0], w.buf[n])
}
