package nodiff

import (
	"fmt"
	"sort"
	"strings"

	"wafer/internal/machine"
)

// Files is the program as source files; "layout.csl" is the layout.
func (p *Program) Files() map[string]string {
	files := map[string]string{"layout.csl": p.layout()}
	for _, c := range p.cores {
		files[c.file()] = p.source(c)
	}
	return files
}

func (c *core) file() string { return fmt.Sprintf("pe_%d_%d.csl", c.x, c.y) }

func (p *Program) layout() string {
	w := &printer{}
	if p.Launched {
		w.line("const memcpy = @import_module(\"<memcpy/get_params>\", .{ .width = %d, .height = %d });", p.W, p.H)
	}
	w.line("layout {")
	w.line("  @set_rectangle(%d, %d);", p.W, p.H)
	for _, c := range p.cores {
		params := ".{}"
		if p.Launched {
			params = fmt.Sprintf(".{ .memcpy_params = memcpy.get_params(%d) }", c.x)
		}
		w.line("  @set_tile_code(%d, %d, %q, %s);", c.x, c.y, c.file(), params)
	}
	for _, ch := range p.channels {
		for _, t := range sortedTiles(ch) {
			more := ""
			if t.after != machine.Ramp {
				more = fmt.Sprintf(", .switches = .{ .pos1 = .{ .rx = %s } }", dirName(t.after))
			}
			if f, ok := ch.filter[p.cores[t.at]]; ok {
				more += ", " + f.text()
			}
			w.line("  @set_color_config(%d, %d, @get_color(%d), .{ .routes = .{ .rx = .{ %s }, .tx = .{ %s } }%s });",
				t.at%p.W, t.at/p.W, ch.color, dirName(t.rx), dirNames(t.tx), more)
		}
	}
	if p.Launched {
		w.line("  @export_name(\"main\", fn()void);")
	}
	w.line("}")
	return w.String()
}

func sortedTiles(ch *channel) []*tile {
	var out []*tile
	for _, t := range ch.tiles {
		out = append(out, t)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].at < out[j].at })
	return out
}

func dirName(d machine.Dir) string { return strings.ToUpper(d.String()) }

func dirNames(set machine.DirSet) string {
	var list []string
	for d := range machine.Dir(machine.Dirs) {
		if set.Has(d) {
			list = append(list, dirName(d))
		}
	}
	return strings.Join(list, ", ")
}

// source is the program of one core.
func (p *Program) source(c *core) string {
	w := &printer{}
	if p.Launched {
		w.line("param memcpy_params;")
		w.line("const sys = @import_module(\"<memcpy/memcpy>\", memcpy_params);")
	}
	w.line("const time = @import_module(\"<time>\");")
	w.line("const ctrl = @import_module(\"<control>\");")
	if c.talks {
		w.line("const out = @import_module(\"<simprint>\");")
	}
	for _, v := range c.vars {
		w.global(v)
	}
	for _, x := range c.structs {
		x.write(w)
	}
	for _, v := range c.views {
		v.write(w)
	}
	for _, f := range c.fifos {
		w.line("var %s_buf = @zeros([%d]%s);", f.name, f.n, f.typ)
		w.line("const %s = @allocate_fifo(%s_buf);", f.name, f.name)
	}
	p.queues(w, c)
	c.notes(w)
	for _, f := range c.funcs {
		f.write(w)
	}
	for i := range c.steps {
		p.task(w, c, i)
	}
	for _, d := range c.data {
		p.dataTask(w, c, d)
	}
	p.bindings(w, c)
	return w.String()
}

// notes is a log of what ran when. Nobody predicts it, but it is the same in all
// ways of running the program.
func (c *core) notes(w *printer) {
	w.line("var log = @zeros([%d]u16);", logWords)
	w.line("var logged: u16 = 0;")
	w.line("var now = @zeros([3]u16);")
	w.line("var zero: u16 = 0;")
	w.line("fn note(what: u16) void {")
	w.line("  time.get_timestamp(&now);")
	w.line("  log[logged & %d] = what ^ (now[0] << 4);", logWords-1)
	w.line("  logged += 1;")
	w.line("}")
}

// logWords is the size of the log; later entries overwrite earlier ones.
const logWords = 64

// structure is a variable of a struct type; its fields are used like scalars.
type structure struct {
	name   string
	fields []*variable
}

func (x structure) write(p *printer) {
	var types, values []string
	for _, f := range x.fields {
		_, name, _ := strings.Cut(f.name, ".")
		types = append(types, fmt.Sprintf("%s: %s", name, f.typ))
		values = append(values, fmt.Sprintf(".%s = %s", name, f.typ.literal(f.init[0])))
	}
	p.line("const %s_type = struct { %s };", x.name, strings.Join(types, ", "))
	p.line("var %s = %s_type { %s };", x.name, x.name, strings.Join(values, ", "))
}

// global declares a variable with its first values.
func (p *printer) global(v *variable) {
	if v.n == 0 {
		x := Value(0)
		if len(v.init) > 0 {
			x = v.init[0]
		}
		p.line("var %s: %s = %s;", v.name, v.typ, v.typ.literal(x))
		return
	}
	if v.cols > 0 {
		p.line("var %s = @zeros([%d, %d]%s);", v.name, v.n/v.cols, v.cols, v.typ)
		return
	}
	if len(v.init) == 0 {
		p.line("var %s = @zeros([%d]%s);", v.name, v.n, v.typ)
		return
	}
	var list []string
	for _, x := range v.init {
		list = append(list, v.typ.literal(x))
	}
	p.line("var %s = [%d]%s{ %s };", v.name, v.n, v.typ, strings.Join(list, ", "))
}

// transfers lists the transfers of a core, dropped ones too.
func (c *core) transfers() []*transfer {
	var out []*transfer
	for _, s := range c.steps {
		for _, b := range [][]stmt{s.body.list, s.after.list} {
			for _, x := range b {
				if t, ok := x.(*transfer); ok {
					out = append(out, t)
				}
			}
		}
		out = append(out, s.async...)
	}
	return out
}

func (p *Program) queues(w *printer, c *core) {
	for _, t := range c.transfers() {
		if t.dropped() {
			continue
		}
		n := t.n
		w.line("const d%s = @get_dsd(mem1d_dsd, .{ .tensor_access = |i|{%d} -> %s[i] });", t.buf.name, n, t.buf.name)
		prio := ""
		if t.prio != "" && p.Arch == machine.WSE3 {
			prio = fmt.Sprintf(", .priority = .{ .%s = true }", t.prio)
		}
		kind, queue := "fabin_dsd", "input_queue"
		if t.send {
			kind, queue = "fabout_dsd", "output_queue"
		}
		if t.m.ctl != 0 {
			n = 1
			prio += ", .control = true"
		}
		if t.send && len(t.m.ch.line) > 0 {
			prio += ", .advance_switch = true"
		}
		w.line("const f%s = @get_dsd(%s, .{ .extent = %d, .fabric_color = @get_color(%d), .%s = @get_%s(%d)%s });",
			t.buf.name, kind, n, t.m.ch.color, queue, queue, t.queue, prio)
		if t.out != nil {
			w.line("const o%s = @get_dsd(fabout_dsd, .{ .extent = %d, .fabric_color = @get_color(%d), .output_queue = @get_output_queue(%d) });",
				t.buf.name, n, t.out.ch.color, t.outQueue)
		}
		if t.fifo > 0 {
			w.line("var b%s = @zeros([%d]%s);", t.buf.name, t.fifo, t.m.typ)
			w.line("const r%s = @allocate_fifo(b%s);", t.buf.name, t.buf.name)
		}
	}
}

func (p *Program) task(w *printer, c *core, i int) {
	s := c.steps[i]
	w.line("task t%d() void {", i)
	if i == 0 && !p.Launched {
		w.line("  time.enable_tsc();")
	}
	w.line("  note(%d);", i)
	s.body.write(w)
	w.depth++
	live := s.live()
	for k, t := range live {
		t.start(w, p, c, i, k, len(live))
	}
	w.depth--
	s.after.write(w)
	w.depth++
	switch {
	case i+1 == len(c.steps):
		w.line("finished = 1;")
		if p.Launched {
			w.line("sys.unblock_cmd_stream();")
		}
	case len(s.fan) > 0:
		for _, f := range s.fan {
			w.line("@activate(@get_local_task_id(%d));", f.id)
		}
	case len(live) == 0:
		w.line("@activate(%s);", taskID(c, i+1))
	}
	w.depth--
	w.line("}")
	for _, f := range s.fan {
		f.write(w, len(s.fan), taskID(c, i+1))
	}
}

// write makes the task; the last run of all lets the next step go on.
func (f *fan) write(w *printer, n int, next string) {
	w.line("task fan%d() void {", f.id)
	w.line("  note(%d);", f.id)
	f.body.write(w)
	w.depth++
	w.line("%s += 1;", f.seen.name)
	w.line("if (%s < %d) {", f.seen.name, f.runs)
	w.line("  @activate(@get_local_task_id(%d));", f.id)
	w.line("} else {")
	w.line("  fans += 1;")
	w.line("  if (fans == %d) @activate(%s);", n, next)
	w.line("}")
	w.depth--
	w.line("}")
}

// live are the background transfers that are not dropped.
func (s *step) live() []*transfer {
	var out []*transfer
	for _, t := range s.async {
		if !t.dropped() {
			out = append(out, t)
		}
	}
	return out
}

// waits says whether a step starts blocked: until a second operation, or the data
// task, has ended.
func (c *core) waits(i int) bool {
	if i == 0 {
		return false
	}
	s := c.steps[i-1]
	return len(s.live()) > 1 || s.data != nil && !s.data.m.dropped()
}

func taskID(c *core, i int) string { return fmt.Sprintf("@get_local_task_id(%d)", c.ids[i]) }

func (t *transfer) builtin() string {
	name := movOf(t.m.typ)
	if t.add {
		name = map[Type]string{F16: "faddh", F32: "fadds", U16: "add16", I16: "add16"}[t.m.typ]
	}
	return name
}

// operands gives destination and sources.
func (t *transfer) operands() string {
	mem, fab := "d"+t.buf.name, "f"+t.buf.name
	switch {
	case t.out != nil && t.add:
		return "o" + t.buf.name + ", " + fab + ", " + mem
	case t.out != nil:
		return "o" + t.buf.name + ", " + fab
	case t.send && t.add:
		return fab + ", " + mem + ", " + mem
	case t.send:
		return fab + ", " + mem
	case t.add:
		return mem + ", " + fab + ", " + mem
	}
	return mem + ", " + fab
}

// write is the synchronous form.
func (t *transfer) write(w *printer) {
	switch {
	case t.dropped():
	case t.m.ctl != 0:
		w.line("for (@range(u16, %d)) |k| {", t.n)
		w.line("  @mov32(f%s, ctrl.encode_single_payload(ctrl.opcode.NOP, false, @get_control_task_id(%d), %s[k]));",
			t.buf.name, t.m.ctl, t.buf.name)
		w.line("}")
	default:
		w.line("@%s(%s);", t.builtin(), t.operands())
	}
}

// start is the form in the background. The first of two unblocks the next step,
// the last activates it.
func (t *transfer) start(w *printer, p *Program, c *core, i, k, n int) {
	verb := "activate"
	if k == 0 && n > 1 {
		verb = "unblock"
	}
	opt := fmt.Sprintf(".async = true, .%s = %s", verb, taskID(c, i+1))
	if t.prio != "" && p.Arch == machine.WSE2 {
		opt += fmt.Sprintf(", .priority = .{ .%s = true }", t.prio)
	}
	if t.ut >= 0 && p.Arch == machine.WSE3 {
		opt += fmt.Sprintf(", .ut_id = @get_ut_id(%d)", t.ut)
	}
	if t.fifo > 0 {
		w.line("@%s(r%s, f%s, .{ .async = true });", t.builtin(), t.buf.name, t.buf.name)
		w.line("@%s(o%s, r%s, .{ %s });", t.builtin(), t.buf.name, t.buf.name, opt)
		return
	}
	w.line("@%s(%s, .{ %s });", t.builtin(), t.operands(), opt)
}

func (p *Program) dataTask(w *printer, c *core, d *dataTask) {
	if d.m.dropped() {
		return
	}
	w.line("task %s(data: %s) void {", d.name, d.m.typ)
	w.line("  note(15);")
	w.line("  %s[%s] = data;", d.buf.name, d.count.name)
	w.line("  %s = %s * %s + data;", d.sum.name, d.sum.name, d.m.typ.literal(d.factor()))
	w.line("  %s += 1;", d.count.name)
	w.line("  if (%s == %d) @unblock(%s);", d.count.name, d.n, taskID(c, d.next))
	w.line("}")
}

// factor makes the running value depend on the order of wavelets.
func (d *dataTask) factor() Value {
	switch d.m.typ {
	case F32:
		return Value(f32bits(0.5))
	case F16:
		return Value(half.FromF64(0.5))
	}
	return 3
}

func (p *Program) bindings(w *printer, c *core) {
	if p.Launched {
		w.line("fn main() void {")
		w.line("  time.enable_tsc();")
		w.line("  @activate(%s);", taskID(c, 0))
		w.line("}")
	}
	w.line("comptime {")
	w.depth++
	for i := range c.steps {
		w.line("@bind_local_task(t%d, %s);", i, taskID(c, i))
		if c.waits(i) {
			w.line("@block(%s);", taskID(c, i))
		}
	}
	for _, s := range c.steps {
		for _, f := range s.fan {
			w.line("@bind_local_task(fan%d, @get_local_task_id(%d));", f.id, f.id)
		}
	}
	p.bindQueues(w, c)
	if p.Launched {
		w.line("@export_symbol(main);")
	} else {
		w.line("@activate(%s);", taskID(c, 0))
	}
	w.depth--
	w.line("}")
}

func (p *Program) bindQueues(w *printer, c *core) {
	for _, ch := range p.channels {
		if q, ok := c.in[ch]; ok {
			w.line("@initialize_queue(@get_input_queue(%d), .{ .color = @get_color(%d) });", q, ch.color)
		}
		if q, ok := c.out[ch]; ok {
			w.line("@initialize_queue(@get_output_queue(%d), .{ .color = @get_color(%d) });", q, ch.color)
		}
	}
	for _, d := range c.data {
		if d.m.dropped() {
			continue
		}
		if d.m.ctl != 0 {
			w.line("@bind_control_task(%s, @get_control_task_id(%d));", d.name, d.m.ctl)
			continue
		}
		if p.Arch == machine.WSE3 {
			w.line("@bind_data_task(%s, @get_data_task_id(@get_input_queue(%d)));", d.name, c.in[d.m.ch])
		} else {
			w.line("@bind_data_task(%s, @get_data_task_id(@get_color(%d)));", d.name, d.m.ch.color)
		}
	}
}
