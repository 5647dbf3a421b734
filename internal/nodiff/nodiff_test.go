package nodiff

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wafer/internal/image"
	"wafer/internal/machine"
)

// Programs of the normal and of the long test.
const (
	fewPrograms  = 300
	manyPrograms = 10_000
)

// TestGeneratedPrograms runs random legal programs in all ways, and compares what
// they compute with a prediction that uses neither compiler nor simulator.
func TestGeneratedPrograms(t *testing.T) {
	n := fewPrograms
	if os.Getenv("WAFER_LONG_TESTS") == "1" {
		n = manyPrograms
	}
	const lots = 8 // subtests, so that they share the cores of the host
	for lot := range lots {
		t.Run(strconv.Itoa(lot), func(t *testing.T) {
			t.Parallel()
			for seed := lot; seed < n; seed += lots {
				checkSeed(t, uint64(seed))
			}
		})
	}
}

// TestFoundSeeds runs programs that once differed and lie beyond the few of every day.
func TestFoundSeeds(t *testing.T) {
	checkSeed(t, 5313) // an ADVANCE opened a port whose turn came later in the cycle
}

// checkSeed runs the program of a seed. A wrong one is made small and kept in a file,
// to be put under testdata/found.
func checkSeed(t *testing.T, seed uint64) {
	t.Helper()
	p := Generate(seed)
	text := p.Check()
	if text == "" {
		return
	}
	t.Errorf("seed %d: %s", seed, text)
	dir := os.Getenv("WAFER_NODIFF_KEEP")
	if dir == "" {
		return
	}
	p.Minimise(func(p *Program) bool {
		now := p.Check()
		return now != "" && strings.HasPrefix(now, "it does not compile") == strings.HasPrefix(text, "it does not compile")
	})
	name := filepath.Join(dir, fmt.Sprintf("seed%d.txtar", seed))
	if err := os.WriteFile(name, p.Archive(fmt.Sprintf("seed %d: %s", seed, p.Check())), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Logf("kept as %s", name)
}

func FuzzNoDiff(f *testing.F) {
	for seed := range uint64(10) {
		f.Add(seed << 20)
	}
	f.Fuzz(checkSeed)
}

// TestFoundDifferences runs what was found and made small earlier.
func TestFoundDifferences(t *testing.T) {
	names, err := filepath.Glob("testdata/found/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) { runArchive(t, name) })
	}
}

func runArchive(t *testing.T, name string) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	a, err := ReadArchive(data)
	if err != nil {
		t.Fatal(err)
	}
	m := preset(t, a.Profile)
	im, err := Build(a.Files, m.Arch, a.Launch != "")
	if err != nil {
		t.Fatal(err)
	}
	for _, ways := range AllWays(a.Seed) {
		o, text := CompareWays(im, m, Launch{Name: a.Launch}, ways)
		if text != "" {
			t.Fatal(text)
		}
		if len(o.Faults) > 0 || o.Reason != "quiet" {
			t.Fatalf("it ends by %s: %v", o.Reason, o.Faults)
		}
		for line := range strings.Lines(a.Want) {
			wantWords(t, im, o, strings.Fields(line))
		}
	}
}

// wantWords compares the words of a symbol: x y name word…
func wantWords(t *testing.T, im *image.Image, o *Outcome, f []string) {
	x, _ := strconv.Atoi(f[0])
	y, _ := strconv.Atoi(f[1])
	for _, s := range im.Programs[im.Tiles[y*im.Rect.W+x].Program].Symbols {
		if s.Name != f[2] {
			continue
		}
		got := make([]uint16, len(f)-3)
		if err := o.sim.Read(x, y, s.Addr, got); err != nil {
			t.Fatal(err)
		}
		if have := strings.Trim(fmt.Sprint(got), "[]"); have != strings.Join(f[3:], " ") {
			t.Errorf("core (%d,%d): %s is %s, should be %s", x, y, f[2], have, f[3:])
		}
	}
}

func preset(t *testing.T, name string) *machine.Machine {
	t.Helper()
	m, err := machine.Preset(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestAWrongResultIsFound makes sure that the checks can fail: a variable that the
// prediction changes and the program does not is seen in every program.
func TestAWrongResultIsFound(t *testing.T) {
	checked := 0
	for seed := range uint64(20) {
		p := Generate(seed)
		if p.Faulty {
			continue
		}
		o, im := runOnce(t, p)
		c := p.cores[len(p.cores)-1]
		b := c.steps[0].body
		b.list = append([]stmt{assign{v: c.id, op: "+", value: lit{U16, 1}}}, b.list...)
		used := false // a variable that no code mentions has no place in memory
		for _, s := range im.Programs[im.Tiles[len(p.cores)-1].Program].Symbols {
			used = used || s.Name == c.id.name
		}
		if used != (p.verify(im, o) != "") {
			t.Errorf("seed %d: a wrong result is not found", seed)
		}
		if used {
			checked++
		}
	}
	if checked < 10 {
		t.Errorf("only %d programs checked", checked)
	}
}

func runOnce(t *testing.T, p *Program) (*Outcome, *image.Image) {
	t.Helper()
	im, err := Build(p.Files(), p.Arch, p.Launched)
	if err != nil {
		t.Fatal(err)
	}
	o, err := Run(im, preset(t, p.Profile), Way{Workers: 1}, p.launch())
	if err != nil {
		t.Fatal(err)
	}
	return o, im
}

// TestDifferentRunsDiffer makes sure that Compare can fail.
func TestDifferentRunsDiffer(t *testing.T) {
	var runs [2]*Outcome
	for i := range runs {
		runs[i], _ = runOnce(t, Generate(uint64(i+3)))
	}
	runs[1].Stats, runs[1].Links = runs[0].Stats, runs[0].Links
	if Compare(runs[0], runs[1]) == "" {
		t.Error("two programs leave the same")
	}
}

// TestTheHostSees makes sure that Compare looks at what was seen on the way.
func TestTheHostSees(t *testing.T) {
	p := Generate(2)
	im, err := Build(p.Files(), p.Arch, p.Launched)
	if err != nil {
		t.Fatal(err)
	}
	var ways []Way
	for _, every := range []int64{100, 101} {
		ways = append(ways, Watched(every)[0])
	}
	if _, diff := CompareWays(im, preset(t, p.Profile), p.launch(), ways); !strings.Contains(diff, "on the way") {
		t.Errorf("looked at other cycles, saw the same: %s", diff)
	}
}

// TestMinimise drops everything that does not matter: here one statement is wanted.
func TestMinimise(t *testing.T) {
	p := Generate(22)
	count := func(p *Program) (n int) {
		for _, b := range p.blocks() {
			n += len(b.list)
		}
		return n
	}
	before := count(p)
	p.Minimise(func(p *Program) bool { return count(p) > 0 })
	if n := count(p); before < 5 || n != 1 {
		t.Errorf("%d of %d statements are left", n, before)
	}
}
