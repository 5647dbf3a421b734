package nodiff

import (
	"context"
	"fmt"
	"os"
	"strings"

	"wafer/internal/csl"
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// Way is one way of running a program.
type Way struct {
	Workers    int
	StepByStep bool // every instruction at its own cycle
	Trace      bool
	Seed       uint64 // picks among ready tasks at random
	Every      int64  // the host looks every so many cycles; 0: at the end
	// Cut is after how many thousandths of the run it is saved to a file, from which
	// another simulation goes on, with Then workers and StepByStep the other way round.
	Cut, Then int
	Burst     int // elements from which streams move in bursts; 0: as usual
}

func (w Way) String() string {
	s := fmt.Sprintf("%d workers", w.Workers)
	if w.StepByStep {
		s += ", step by step"
	}
	if w.Trace {
		s += ", traced"
	}
	if w.Every != 0 {
		s += fmt.Sprintf(", looked at every %d cycles", w.Every)
	}
	if w.Cut != 0 {
		s += fmt.Sprintf(", cut after %d/1000 and resumed with %d workers", w.Cut, w.Then)
	}
	if w.Burst != 0 {
		s += fmt.Sprintf(", bursts from %d elements on", w.Burst)
	}
	if w.Seed != 0 {
		s += fmt.Sprintf(", tasks by seed %d", w.Seed)
	}
	return s
}

// Ways are those that are compared. The first is the measure.
func Ways() []Way {
	return []Way{
		{Workers: 1, StepByStep: true, Trace: true},
		{Workers: 1},
		{Workers: 2, Burst: 1},
		{Workers: 7},
		{Workers: 7, StepByStep: true, Trace: true},
		{Workers: 2, Trace: true},
	}
}

// Shuffled are ways in which ready tasks are picked at random. They make another
// run of the program, the same in all of them, with the same results: programs are
// free of races.
func Shuffled(seed uint64) []Way {
	return []Way{
		{Workers: 1, StepByStep: true, Seed: seed},
		{Workers: 7, Seed: seed},
		{Workers: 2, Seed: seed, Cut: 1 + int(seed%997), Then: 3, Burst: 2},
	}
}

// Watched are ways in which the host stops the machine now and then and looks. It
// sees the same in all of them, and the run goes on as if nobody had looked.
func Watched(every int64) []Way {
	return []Way{
		{Workers: 1, StepByStep: true, Every: every},
		{Workers: 1, Every: every},
		{Workers: 3, Every: every, Burst: 3},
		{Workers: 1},
	}
}

// Cut are ways in which a run is saved in its middle and goes on elsewhere.
func Cut(seed uint64) []Way {
	at := func(n uint64) int { return 1 + int((seed+n)*0x9e3779b97f4a7c15>>32%999) }
	return []Way{
		{Workers: 2, Cut: at(1), Then: 7, Burst: 1},
		{Workers: 7, StepByStep: true, Cut: at(2), Then: 1},
		{Workers: 1, Trace: true, Cut: at(3), Then: 2},
	}
}

// AllWays are the groups within which a program of that seed does the same.
func AllWays(seed uint64) [][]Way {
	return [][]Way{append(Ways(), Cut(seed)...), Shuffled(seed + 1), Watched(int64(40 + seed%600))}
}

// MaxCycles ends programs that would not.
const MaxCycles = 400_000

// Outcome is all that can be seen of a run.
type Outcome struct {
	Hash   uint64
	Seen   []uint64 // hashes on the way, when the host looked
	Ended  uint64   // hash at the end of the launch; other cores may still be at work
	Cycles int64
	Reason string
	Faults []sim.Fault
	Prints []sim.Print
	Stats  []sim.Stats
	Links  [][machine.Dirs]uint64
	Hops   int64
	Events []sim.Event // of a traced run
	sim    *sim.Sim
	saved  *saved // of a run that is cut
}

// Build compiles source files; the layout is "layout.csl".
func Build(files map[string]string, arch machine.Arch, memcpy bool) (*image.Image, error) {
	im, ds := csl.Build(context.Background(), csl.Options{
		File: "layout.csl", Arch: arch, Memcpy: memcpy,
		ReadFile: func(name string) ([]byte, error) {
			text, ok := files[name]
			if !ok {
				return nil, &os.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
			}
			return []byte(text), nil
		},
	})
	if im == nil || ds.HasErrors() {
		var list []string
		for _, d := range ds.Sorted() {
			list = append(list, d.Error())
		}
		return nil, fmt.Errorf("%s", strings.Join(list, "\n"))
	}
	return im, nil
}

// Launch is what the host starts on all cores. The zero value starts nothing: the
// cores start by themselves.
type Launch struct {
	Name string
	Args []uint16 // the words of the arguments
}

// Run executes a compiled program in one way. A way that cuts needs RunCut.
func Run(im *image.Image, m *machine.Machine, way Way, launch Launch) (*Outcome, error) {
	return RunCut(im, m, way, launch, 0)
}

// RunCut is Run with a checkpoint at a cycle, if that is not 0.
func RunCut(im *image.Image, m *machine.Machine, way Way, launch Launch, cut int64) (*Outcome, error) {
	o := &Outcome{}
	opt := sim.Options{Workers: way.Workers, StepByStep: way.StepByStep, Seed: way.Seed, MaxCycles: MaxCycles, MinBurst: way.Burst}
	if way.Trace {
		opt.Trace = func(e sim.Event) { o.Events = append(o.Events, e) }
	}
	var s *sim.Sim
	if cut > 0 {
		o.saved = &saved{}
		opt.CheckpointCycles = cut
		opt.Checkpoint = func() { o.save(s) }
	}
	s, err := sim.New(im, m, opt)
	if err != nil {
		return nil, err
	}
	if launch.Name != "" {
		if err := start(s, im, launch); err != nil {
			return nil, err
		}
	}
	stop := o.drive(s, way, launch.Name != "")
	if o.saved != nil && o.saved.file.Len() > 0 {
		opt.Workers, opt.StepByStep, opt.Checkpoint = way.Then, !way.StepByStep, nil
		opt.Seed = 0 // that of the checkpoint counts
		if s, err = o.resume(im, m, opt); err != nil {
			return nil, err
		}
		stop = o.drive(s, way, launch.Name != "" && o.Ended == 0)
	}
	o.see(s, stop)
	return o, nil
}

// drive runs until nothing moves any more.
func (o *Outcome) drive(s *sim.Sim, way Way, launched bool) sim.Stop {
	for at := way.Every; way.Every > 0; at += way.Every {
		if stop := s.Run(context.Background(), sim.Until{Cycle: at}); stop.Reason != sim.Done {
			return stop
		}
		o.Seen = append(o.Seen, s.Hash())
	}
	if launched { // the launch may be over before everything else is
		if stop := s.Run(context.Background(), sim.Until{Launches: true}); stop.Reason != sim.Done {
			return stop
		}
		o.Ended = s.Hash()
	}
	return s.Run(context.Background(), sim.Until{})
}

func start(s *sim.Sim, im *image.Image, launch Launch) error {
	id := sim.ExportNamed(im, launch.Name)
	for y := range s.Height() {
		for x := range s.Width() {
			if im.Tiles[y*s.Width()+x].Program < 0 {
				continue
			}
			if err := s.Start(x, y, id, launch.Args); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *Outcome) see(s *sim.Sim, stop sim.Stop) {
	o.sim = s
	o.Hash, o.Cycles, o.Reason, o.Hops = s.Hash(), s.Cycle(), stop.Reason.String(), s.Hops()
	o.Faults, o.Prints = s.Faults(), s.Prints()
	for y := range s.Height() {
		for x := range s.Width() {
			o.Stats = append(o.Stats, s.Stats(x, y))
			o.Links = append(o.Links, s.LinkLoad(x, y))
		}
	}
}

// Compare says how two outcomes differ; empty if they do not. After a fault cores
// may have come to different cycles, so only the fault counts then.
func Compare(a, b *Outcome) string {
	var out []string
	differ := func(what string, x, y any) {
		if sx, sy := fmt.Sprintf("%+v", x), fmt.Sprintf("%+v", y); sx != sy {
			out = append(out, fmt.Sprintf("%s: %.300s against %.300s", what, sx, sy))
		}
	}
	differ("reason", a.Reason, b.Reason)
	differ("faults", a.Faults, b.Faults)
	if len(a.Faults) > 0 {
		return strings.Join(out, "\n")
	}
	differ("cycles", a.Cycles, b.Cycles)
	differ("prints", a.Prints, b.Prints)
	for i := range a.Stats {
		differ(fmt.Sprintf("counters of tile %d", i), a.Stats[i], b.Stats[i])
		differ(fmt.Sprintf("links of tile %d", i), a.Links[i], b.Links[i])
	}
	differ("hops", a.Hops, b.Hops)
	if a.Ended != 0 && b.Ended != 0 {
		differ("the end of the launch", a.Ended, b.Ended)
	}
	if a.Seen != nil && b.Seen != nil {
		differ("what was seen on the way", a.Seen, b.Seen)
	}
	differ("memory and state", a.Hash, b.Hash)
	if a.Events != nil && b.Events != nil {
		differ("events", len(a.Events), len(b.Events))
		for i := range min(len(a.Events), len(b.Events)) {
			if a.Events[i] != b.Events[i] {
				differ(fmt.Sprintf("event %d", i), a.Events[i], b.Events[i])
				break
			}
		}
	}
	return strings.Join(out, "\n")
}

// Check runs a program in all ways and compares the result with the prediction.
// The text says what is wrong; it is empty if all is well.
func (p *Program) Check() string {
	im, err := Build(p.Files(), p.Arch, p.Launched)
	if err != nil {
		return "it does not compile: " + err.Error()
	}
	m, err := machine.Preset(p.Profile)
	if err != nil {
		return err.Error()
	}
	for _, ways := range AllWays(p.Seed) {
		first, text := CompareWays(im, m, p.launch(), ways)
		if text != "" {
			return text
		}
		if text := p.verify(im, first); text != "" {
			return ways[0].String() + ": " + text
		}
	}
	return ""
}

func (p *Program) launch() Launch {
	if p.Launched {
		return Launch{Name: "main"}
	}
	return Launch{}
}

// CompareWays runs an image in several ways and compares them with the first.
func CompareWays(im *image.Image, m *machine.Machine, launch Launch, ways []Way) (*Outcome, string) {
	var first *Outcome
	for i, way := range ways {
		cut := int64(0)
		if way.Cut > 0 {
			cut = 1 + first.Cycles*int64(way.Cut)/1000
		}
		o, err := RunCut(im, m, way, launch, cut)
		if err != nil {
			return nil, err.Error()
		}
		if i == 0 {
			first = o
			continue
		}
		if text := Compare(first, o); text != "" {
			return first, fmt.Sprintf("%s against %s: %s", ways[0], way, text)
		}
	}
	return first, ""
}

// verify compares memory and prints with the prediction.
func (p *Program) verify(im *image.Image, o *Outcome) string {
	if p.Faulty {
		if len(o.Faults) == 0 {
			return "no core fails"
		}
		return ""
	}
	if len(o.Faults) > 0 {
		return "fault: " + o.Faults[0].Error()
	}
	if o.Reason != "quiet" {
		return "it ends by " + o.Reason
	}
	want := p.Predict()
	if want == nil {
		return "" // only what the minimiser makes can run long
	}
	for i, c := range p.cores {
		if text := c.verify(im, o, want[i]); text != "" {
			return fmt.Sprintf("core (%d,%d): %s", c.x, c.y, text)
		}
	}
	return ""
}

func (c *core) verify(im *image.Image, o *Outcome, want *state) string {
	prog := im.Programs[im.Tiles[c.y*im.Rect.W+c.x].Program]
	for _, v := range c.vars {
		for _, sym := range prog.Symbols {
			if sym.Name != v.name {
				continue
			}
			if text := verifyVar(o.sim, c, v, sym.Addr, want.of(v)); text != "" {
				return text
			}
		}
	}
	var got []string
	for _, x := range o.Prints {
		if x.X == c.x && x.Y == c.y {
			got = append(got, x.Text)
		}
	}
	if g, w := strings.Join(got, ""), strings.Join(want.prints, ""); g != w {
		return fmt.Sprintf("prints %q, should be %q", g, w)
	}
	return ""
}

func verifyVar(s *sim.Sim, c *core, v *variable, addr uint16, want []Value) string {
	n := v.typ.words()
	got := make([]uint16, n)
	for i, x := range want {
		words, mask := v.typ.stored(x)
		if err := s.Read(c.x, c.y, addr+uint16(i*n), got); err != nil {
			return err.Error()
		}
		got[0] &= mask
		for k := range got {
			if got[k] != words[k] {
				return fmt.Sprintf("%s[%d] (%s) is %#x, should be %#x", v.name, i, v.typ, got, words)
			}
		}
	}
	return ""
}
