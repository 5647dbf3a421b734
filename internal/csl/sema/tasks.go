package sema

import (
	"fmt"
	"maps"
	"slices"

	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// taskBind is a task bound to an id.
type taskBind struct {
	f     *fnVal
	id    int
	kind  image.TaskKind
	fn    int // function number
	queue uint8
	pos   diag.Pos
}

// queueUse is what the program says about a queue.
type queueUse struct {
	used, explicit bool
	color          uint8
	control, dense bool
	priority       uint8
	table          int // ctrl_table_id
	shared         int // descriptors of other colours that use it too
	auto           bool
	pos            diag.Pos
}

// exported is a symbol advertised to the host.
type exported struct {
	name string
	g    *global
	fn   int
	f    *fnVal
	pos  diag.Pos
}

// bindTask is @bind_local_task, @bind_data_task, @bind_control_task and the older
// @bind_task.
func (s *sema) bindTask(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) || !s.atTop(e) {
		return s.badOp()
	}
	f, id := s.taskArg(e, 0), s.expr(e.Args[1], nil)
	if f == nil || !id.ok() {
		return s.badOp()
	}
	if !id.isConst() {
		return s.err(e.Args[1].Pos(), EComptime, "the task id must be known at compile time")
	}
	kind := map[string]image.TaskKind{
		"bind_local_task": image.TaskLocal, "bind_data_task": image.TaskData, "bind_control_task": image.TaskControl,
	}[e.Name]
	if e.Name == "bind_task" {
		kind = s.oldKind(f, id)
	}
	want := map[image.TaskKind]*Type{image.TaskLocal: s.localID, image.TaskData: s.dataID, image.TaskControl: s.ctlID}[kind]
	old := e.Name == "bind_task" && (id.T == s.color || id.T.isIntLike())
	if id.T != want && !old {
		return s.errCure(e.Args[1].Pos(), EBind, handleCure(want), "@%s needs a %s, not %s", e.Name, want, s.describe(&id))
	}
	return s.bind(e.Pos(), f, int(id.V.I), kind)
}

// oldKind is the kind of task that @bind_task of SDK 1.0 means.
func (s *sema) oldKind(f *fnVal, id Operand) image.TaskKind {
	switch {
	case id.T == s.ctlID:
		return image.TaskControl
	case id.T == s.dataID, id.T == s.color && len(f.decl.Params) > 0:
		return image.TaskData
	}
	return image.TaskLocal
}

func (s *sema) taskArg(e *syntax.Builtin, i int) *fnVal {
	x := s.constOf(e.Args[i], nil)
	if !x.ok() {
		return nil
	}
	f, ok := x.V.P.(*fnVal)
	if !ok || !f.decl.Task {
		s.errAt(e.Args[i].Pos(), ETask, "declare it with 'task'", "expected a task, found %s", s.describe(&x))
		return nil
	}
	return f
}

func (s *sema) bind(p syntax.Pos, f *fnVal, id int, kind image.TaskKind) Operand {
	sig := s.signatureOf(f)
	if sig.bad {
		return s.badOp()
	}
	if x := s.checkTask(p, f, sig, kind); !x.ok() {
		return x
	}
	b := &taskBind{f: f, id: id, kind: kind, pos: s.place(p)}
	for _, o := range s.prog.tasks {
		separate := s.opt.Arch == machine.WSE3 && s.prog.ctlTable && (o.kind == image.TaskControl) != (kind == image.TaskControl)
		if o.id == id && !separate {
			s.ds.Add(diag.Diagnostic{
				Code: EBind, Pos: b.pos, Message: fmt.Sprintf("task id %d is bound twice", id), Cure: "choose another id",
				Notes: []diag.Extra{{Pos: o.pos, Message: "bound to '" + o.f.decl.Name + "' here"}},
			})
			return s.badOp()
		}
	}
	b.fn = s.prog.funcIndex(s, f)
	s.prog.tasks = append(s.prog.tasks, b)
	if s.prog.byTask[f] == nil {
		s.prog.byTask[f] = b
	}
	return s.voidOp()
}

// maxTaskBits is the payload of a wavelet.
const maxTaskBits = 32

// checkTask checks the parameters of a task against what starts it.
func (s *sema) checkTask(p syntax.Pos, f *fnVal, sig *signature, kind image.TaskKind) Operand {
	if sig.generic || sig.ret.kind != KVoid {
		return s.err(p, ETask, "task '%s' must return void and have parameters of fixed types", f.decl.Name)
	}
	bits := 0
	for _, t := range sig.params {
		n := t.words * 16
		if t.isAggregate() || n <= 0 {
			return s.err(p, ETask, "a parameter of type '%s' cannot come from a wavelet", t)
		}
		bits += n
	}
	switch {
	case kind == image.TaskLocal && len(sig.params) > 0:
		return s.errCure(p, ETask, "keep the value in a global variable", "local task '%s' cannot have parameters", f.decl.Name)
	case kind == image.TaskData && len(sig.params) == 0:
		return s.errCure(p, ETask, "add a parameter such as (data: u32)", "data task '%s' needs a parameter for the wavelet", f.decl.Name)
	case bits > maxTaskBits:
		return s.err(p, ETask, "the parameters of task '%s' take %d bits; a wavelet has %d", f.decl.Name, bits, maxTaskBits)
	}
	return s.voidOp()
}

// bindRotating is @bind_rotating_tasks(main, alt, id, .{…}).
func (s *sema) bindRotating(e *syntax.Builtin) Operand {
	if !s.args(e, 4, 4) || !s.atTop(e) {
		return s.badOp()
	}
	if s.opt.Arch == machine.WSE2 {
		return s.errCure(e.Pos(), EArch, "count the starts in the data task", "@bind_rotating_tasks is not available on wse2")
	}
	if len(s.prog.rotate) == image.MaxRotations {
		return s.err(e.Pos(), ELimit, "a core has at most %d pairs of rotating tasks", image.MaxRotations)
	}
	data, alt, id := s.taskArg(e, 0), s.taskArg(e, 1), s.constOf(e.Args[2], nil)
	if data == nil || alt == nil || !id.ok() {
		return s.badOp()
	}
	if id.T != s.dataID {
		return s.errCure(e.Args[2].Pos(), EBind, handleCure(s.dataID), "@%s needs a data_task_id, not %s", e.Name, s.describe(&id))
	}
	sig := s.signatureOf(alt)
	if sig.bad {
		return s.badOp()
	}
	r := rotation{pos: s.place(e.Pos()), Rotation: image.Rotation{Queue: uint8(id.V.I)}}
	if !s.rotationLimits(e, &r) {
		return s.badOp()
	}
	if x := s.bind(e.Pos(), data, int(id.V.I), image.TaskData); !x.ok() {
		return x
	}
	if x := s.checkTask(e.Args[1].Pos(), alt, sig, image.TaskControl); !x.ok() {
		return x
	}
	r.Func = int32(s.prog.funcIndex(s, alt))
	s.prog.rotate = append(s.prog.rotate, r)
	return s.voidOp()
}

// rotation is a pair of rotating tasks. The alternate one has control task id 0.
type rotation struct {
	image.Rotation
	pos diag.Pos
}

func (s *sema) rotationLimits(e *syntax.Builtin, r *rotation) bool {
	x := s.constOf(e.Args[3], nil)
	if !x.ok() {
		return false
	}
	c := s.cfgOf(e.Args[3].Pos(), "the configuration", x)
	if !c.ok {
		return false
	}
	if _, given := c.get("limit"); !given {
		c.fail("add .limit = n", "rotating tasks need a limit")
		return false
	}
	r.Limit, r.Init = c.number("limit", 0xffff-1), c.number("init", 0xffff-1)
	if r.Init > r.Limit {
		c.fail("", "'init' is %d, more than the limit %d", r.Init, r.Limit)
	}
	return c.done()
}

// checkRotation reports alternate tasks whose id 0 another task has: one of the
// common table, or one of another queue with the same control table.
func (p *program) checkRotation(s *sema) {
	for i, r := range p.rotate {
		cure := ""
		for _, b := range p.tasks {
			if b.id == 0 && (b.kind == image.TaskControl || !p.ctlTable) {
				cure = "call @set_control_task_table, and bind no other task to control task id 0"
			}
		}
		for _, o := range p.rotate[:i] {
			if p.inQ[o.Queue].table == p.inQ[r.Queue].table {
				cure = "give the queues a ctrl_table_id each"
			}
		}
		if cure != "" {
			s.ds.Add(diag.Diagnostic{Code: EBind, Pos: r.pos, Message: "control task id 0 of the alternate task is bound to another task too", Cure: cure})
		}
		p.air.Config.Rotate = append(p.air.Config.Rotate, r.Rotation)
	}
}

// setControlTable is @set_control_task_table: control tasks get ids of their own.
func (s *sema) setControlTable(e *syntax.Builtin) Operand {
	if !s.args(e, 0, 1) || !s.atTop(e) {
		return s.badOp()
	}
	if s.opt.Arch == machine.WSE2 {
		return s.err(e.Pos(), EArch, "@set_control_task_table is not available on wse2")
	}
	s.prog.ctlTable = true
	return s.voidOp()
}

// rpc is accepted and ignored: the host starts functions by itself.
func (s *sema) rpc(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) || !s.atTop(e) {
		return s.badOp()
	}
	if x := s.constOf(e.Args[0], nil); !x.ok() {
		return x
	}
	s.prog.rpc = true
	return s.voidOp()
}

// taskID evaluates the id of @activate, @block and @unblock.
func (s *sema) taskID(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) {
		return s.badOp()
	}
	x := s.expr(e.Args[0], nil)
	if !x.ok() {
		return x
	}
	ok := x.T == s.localID || x.T == s.dataID || x.T == s.color
	if e.Name != "activate" {
		ok = ok || x.T == s.inQ && s.opt.Arch == machine.WSE3 || x.T == s.utID
	}
	if x.T == s.ctlID && x.isConst() {
		ok = true
	}
	if x.isConst() && x.T.kind == KFn && x.V.P.(*fnVal).decl.Task {
		return x
	}
	if !ok {
		return s.errCure(e.Args[0].Pos(), EType, handleCure(s.localID), "@%s needs a task id, not %s", e.Name, s.describe(&x))
	}
	return x
}

func (s *sema) activate(e *syntax.Builtin) Operand {
	x := s.taskID(e)
	if !x.ok() {
		return x
	}
	if s.ct() {
		return s.startState(e, x, func(p *program, id int) { p.air.Config.Active |= 1 << id })
	}
	return s.taskOp(e, image.OpActivate, x)
}

// blockTask is @block and @unblock.
func (s *sema) blockTask(e *syntax.Builtin) Operand {
	x := s.taskID(e)
	if !x.ok() {
		return x
	}
	block := e.Name == "block"
	if s.ct() {
		if x.T == s.color && s.opt.Arch == machine.WSE2 && s.prog != nil {
			s.prog.colors = append(s.prog.colors, uint8(x.V.I))
		}
		return s.startState(e, x, func(p *program, id int) {
			if block {
				p.air.Config.Blocked |= 1 << id
			} else {
				p.air.Config.Blocked &^= 1 << id
			}
		})
	}
	op := image.OpUnblock
	if block {
		op = image.OpBlock
	}
	return s.taskOp(e, op, x)
}

// startState changes the state in which the program starts.
func (s *sema) startState(e *syntax.Builtin, x Operand, set func(*program, int)) Operand {
	if !s.atTop(e) {
		return s.badOp()
	}
	if !x.isConst() {
		return s.err(e.Pos(), EComptime, "the task id must be known at compile time")
	}
	if f, ok := x.V.P.(*fnVal); ok {
		prog := s.prog
		prog.fixups = append(prog.fixups, func() {
			if b := prog.byTask[f]; b != nil {
				set(prog, b.id)
			}
		})
		return s.voidOp()
	}
	if x.T == s.utID {
		return s.err(e.Pos(), EPlace, "a microthread can be blocked at run time only")
	}
	set(s.prog, int(x.V.I))
	return s.voidOp()
}

func (s *sema) taskOp(e *syntax.Builtin, op image.Op, x Operand) Operand {
	c := s.taskExpr(e.Args[0].Pos(), x)
	if c == nil {
		return s.badOp()
	}
	in := &air.Intrinsic{Op: op, Rep: image.U16, Imm: -1}
	if k, ok := c.(*air.Const); ok {
		in.Imm = int64(k.Bits)
		if x.T.kind == KFn {
			s.prog.fixups = append(s.prog.fixups, func() { in.Imm = int64(k.Bits) })
		}
	} else {
		in.Args = []air.Expr{c}
	}
	s.emit(&air.Eval{Src: s.src(e.Pos()), X: in})
	return s.voidOp()
}

// initializeQueue is @initialize_queue(q[, .{ .color = c, … }]).
func (s *sema) initializeQueue(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 2) || !s.atTop(e) {
		return s.badOp()
	}
	q := s.constOf(e.Args[0], nil)
	if !q.ok() {
		return q
	}
	var u *queueUse
	switch q.T {
	case s.inQ:
		u = &s.prog.inQ[q.V.I]
	case s.outQ:
		u = &s.prog.outQ[q.V.I]
	default:
		return s.errCure(e.Args[0].Pos(), EQueue, "make it with @get_input_queue or @get_output_queue", "expected a queue, found %s", s.describe(&q))
	}
	if u.explicit {
		s.ds.Add(diag.Diagnostic{
			Code: EQueue, Pos: s.place(e.Pos()), Message: fmt.Sprintf("%s %d is initialised twice", q.T, q.V.I),
			Notes: []diag.Extra{{Pos: u.pos, Message: "first time"}},
		})
		return s.badOp()
	}
	n := queueUse{used: true, explicit: true, color: image.NoColor, pos: s.place(e.Pos())}
	if len(e.Args) == 2 && !s.queueConfig(e, q.T, &n) {
		return s.badOp()
	}
	if n.color == image.NoColor && (q.T == s.inQ || s.opt.Arch == machine.WSE3) {
		return s.errCure(e.Pos(), EQueue, "add .{ .color = c }", "the %s must be bound to a color", q.T)
	}
	if u.used && n.color == image.NoColor {
		n.color = u.color // a descriptor was seen first
	}
	*u = n
	return s.voidOp()
}

func (s *sema) queueConfig(e *syntax.Builtin, qt *Type, u *queueUse) bool {
	vals, ok := s.structFields(e.Args[1])
	if !ok {
		return false
	}
	p := e.Args[1].Pos()
	for _, name := range sortedKeys(vals) {
		x := vals[name]
		switch name {
		case "color":
			if x = s.colorOf(p, x); !x.ok() {
				return false
			}
			u.color = uint8(x.V.I)
		case "priority":
			u.priority = uint8(s.priorityFlags(p, x) / image.FlagPriorityLow)
		case "control":
			u.control = x.isConst() && x.V.I != 0
		case "dense":
			u.dense = x.isConst() && x.V.I != 0
		case "ctrl_table_id":
			if !x.isConst() || !x.T.isIntLike() {
				s.errAt(p, EQueue, "", "ctrl_table_id must be a number, not %s", s.describe(&x))
				return false
			}
			u.table = int(x.V.I)
		default:
			s.errAt(p, EQueue, "fields are color, priority, control, dense and ctrl_table_id", "a queue has no setting '%s'", name)
			return false
		}
	}
	return true
}

// noteFabric remembers which colour a descriptor moves through which queue: on
// WSE-2 this binds queues that the program does not initialise itself.
func (s *sema) noteFabric(pos syntax.Pos, q *dsdVal) {
	if s.prog == nil || q.auto || q.dsd.Color == image.NoColor {
		return
	}
	u := &s.prog.inQ[q.dsd.Queue]
	if q.dsd.Kind == image.FabOut {
		u = &s.prog.outQ[q.dsd.Queue]
	}
	if s.opt.Arch == machine.WSE3 {
		return // must be initialised explicitly
	}
	if !u.used {
		*u = queueUse{used: true, color: q.dsd.Color, pos: s.place(pos)}
		return
	}
	if u.explicit && u.color == image.NoColor {
		u.color = q.dsd.Color
	}
	// A queue that several colours use is rebound by the operations themselves.
}

// queued gives a descriptor without a queue one: that of its colour, or a free one.
func (p *program) queued(s *sema, q *dsdVal, d image.DSD) image.DSD {
	if !q.auto {
		return d
	}
	if d.Kind == image.FabOut {
		d.Queue = p.findQueue(s, &p.outQ, d.Color, outQueues2, true)
	} else {
		d.Queue = p.findQueue(s, &p.inQ, d.Color, machine.Queues, true)
	}
	return d
}

// outQueues2 is the number of output queues of WSE-2 (facts, A.7).
const outQueues2 = 6

// ASSUMED(auto-queue): which queue that is. findQueue gives the queue of a colour, taking the first free one of n if there
// is none yet. Descriptors may share a queue when none is left: an operation binds
// its queue to its colour when it starts.
func (p *program) findQueue(s *sema, qs *[machine.Queues]queueUse, color uint8, n int, share bool) uint8 {
	for i := range n {
		if qs[i].used && qs[i].color == color {
			return uint8(i)
		}
	}
	if q, ok := p.sharing[queueKey{qs == &p.outQ, color}]; ok {
		return q
	}
	// The higher ones first: programs number theirs from below.
	for i := n - 1; i >= 0; i-- {
		if !qs[i].used {
			qs[i] = queueUse{used: true, color: color, auto: share}
			return uint8(i)
		}
	}
	if q := leastShared(qs, n); share && q >= 0 {
		qs[q].shared++
		p.sharing[queueKey{qs == &p.outQ, color}] = uint8(q)
		return uint8(q)
	}
	s.ds.Add(diag.Diagnostic{
		Code: EQueue, Pos: diag.Pos{File: p.root.file.name},
		Message: fmt.Sprintf("no queue is left for color %d", color), Cure: "let colors share a queue, or use fewer of them",
	})
	return 0
}

// queueKey names a colour that shares an output or input queue.
type queueKey struct {
	out   bool
	color uint8
}

// leastShared is the queue that the compiler chose for the fewest colours.
func leastShared(qs *[machine.Queues]queueUse, n int) int {
	best := -1
	for i := n - 1; i >= 0; i-- {
		if qs[i].auto && (best < 0 || qs[i].shared < qs[best].shared) {
			best = i
		}
	}
	return best
}

// taskQueues gives data tasks their queues, before descriptors that can share one.
func (p *program) taskQueues(s *sema) {
	for _, b := range p.tasks {
		b.queue = noQueue
		if b.kind != image.TaskData {
			continue
		}
		b.queue = uint8(b.id)
		if s.opt.Arch == machine.WSE2 {
			b.queue = p.findQueue(s, &p.inQ, uint8(b.id), machine.Queues, false)
		}
	}
	for _, c := range p.colors {
		if c < machine.Colors && p.controlOnly(c) && p.freeQueue(c) {
			p.findQueue(s, &p.inQ, c, machine.Queues, false)
		}
	}
}

// noQueue marks a task that no queue feeds.
const noQueue = 255

// finish completes the configuration when everything is known.
func (p *program) finish(s *sema) {
	cfg := p.air.Config
	for _, b := range p.tasks {
		cfg.Tasks = append(cfg.Tasks, image.Task{ID: uint8(b.id), Kind: b.kind, Func: int32(b.fn), Queue: b.queue})
	}
	for i := range machine.Queues {
		cfg.In[i], cfg.Out[i] = p.inQ[i].image(), p.outQ[i].image()
	}
	for c, f := range p.teardown {
		cfg.Teardown[c] = int32(p.funcIndex(s, f))
	}
	for q, f := range p.empty {
		cfg.QueueEmpty[q] = int32(p.funcIndex(s, f))
	}
	for _, f := range p.fifos {
		cfg.Fifos = append(cfg.Fifos, f.image())
	}
	for _, a := range slices.Sorted(maps.Keys(p.config)) {
		cfg.Config = append(cfg.Config, image.ConfInit{Addr: a, Value: p.config[a]})
	}
	p.checkQueues(s)
	p.checkRotation(s)
	p.bindExports(s)
}

// freeQueue reports that a colour has or can get an input queue.
func (p *program) freeQueue(c uint8) bool {
	return slices.ContainsFunc(p.inQ[:], func(u queueUse) bool { return !u.used || u.color == c })
}

// controlOnly reports a colour that no local task uses as its id.
func (p *program) controlOnly(c uint8) bool {
	for _, b := range p.tasks {
		if b.id == int(c) && b.kind == image.TaskLocal {
			return false
		}
	}
	return true
}

func (u queueUse) image() image.Queue {
	q := image.Queue{Used: u.used, Color: u.color, Control: u.control, Priority: u.priority, Dense: u.dense}
	if !u.used {
		q.Color = 0
	}
	return q
}

// checkQueues reports data tasks of WSE-3 whose queue has no colour.
func (p *program) checkQueues(s *sema) {
	if s.opt.Arch != machine.WSE3 {
		return
	}
	for _, b := range p.tasks {
		if b.kind == image.TaskData && b.id < machine.Queues && !p.inQ[b.id].used {
			s.ds.Add(diag.Diagnostic{
				Code: EQueue, Pos: b.pos, Message: fmt.Sprintf("input queue %d of data task '%s' is not initialised", b.id, b.f.decl.Name),
				Cure: "add @initialize_queue(queue, .{ .color = c }) to a comptime block",
			})
		}
	}
}

// handlerFn evaluates the function of a teardown or empty-queue handler.
func (s *sema) handlerFn(e *syntax.Builtin) *fnVal {
	x := s.constOf(e.Args[0], nil)
	if !x.ok() {
		return nil
	}
	f, ok := x.V.P.(*fnVal)
	if !ok || len(f.decl.Params) > 0 || s.signatureOf(f).ret != s.void {
		s.errAt(e.Args[0].Pos(), EType, "", "the handler must be a function without parameters that returns void")
		return nil
	}
	s.prog.funcIndex(s, f)
	return f
}

func (s *sema) setTeardownHandler(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) || !s.atTop(e) {
		return s.badOp()
	}
	f, c := s.handlerFn(e), s.constOf(e.Args[1], nil)
	if f == nil || !c.ok() {
		return s.badOp()
	}
	if c = s.colorOf(e.Args[1].Pos(), c); !c.ok() {
		return c
	}
	if _, twice := s.prog.teardown[uint8(c.V.I)]; twice {
		return s.err(e.Pos(), EBind, "color %d has a teardown handler already", c.V.I)
	}
	s.prog.teardown[uint8(c.V.I)] = f
	return s.voidOp()
}

// Numbers of queues for handlers and flushes: output queues, then input queues.
const inputQueueBase = machine.Queues

func (s *sema) queueNumber(p syntax.Pos, q Operand) (uint8, bool) {
	switch {
	case q.isConst() && q.T == s.outQ:
		return uint8(q.V.I), true
	case q.isConst() && q.T == s.inQ:
		return uint8(q.V.I) + inputQueueBase, true
	}
	s.errAt(p, EQueue, "", "expected a comptime-known queue, found %s", s.describe(&q))
	return 0, false
}

func (s *sema) setEmptyHandler(e *syntax.Builtin) Operand {
	if !s.args(e, 2, 2) || !s.atTop(e) {
		return s.badOp()
	}
	f, q := s.handlerFn(e), s.constOf(e.Args[1], nil)
	if f == nil || !q.ok() {
		return s.badOp()
	}
	n, ok := s.queueNumber(e.Args[1].Pos(), q)
	if !ok {
		return s.badOp()
	}
	if _, twice := s.prog.empty[n]; twice {
		return s.err(e.Pos(), EBind, "the queue has a handler already")
	}
	s.prog.empty[n] = f
	return s.voidOp()
}

func (s *sema) queueFlush(e *syntax.Builtin) Operand {
	if !s.args(e, 1, 1) || !s.atRun(e) {
		return s.badOp()
	}
	q := s.expr(e.Args[0], nil)
	if !q.ok() {
		return q
	}
	n, ok := s.queueNumber(e.Args[0].Pos(), q)
	if !ok {
		return s.badOp()
	}
	return s.intrinsic(e, image.OpFlush, s.void, int64(n))
}
