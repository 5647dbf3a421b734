package analysis

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"sync"

	"wafer/internal/deal/contract"
)

// Bar is one row of a tornado: an output with one figure low and high.
type Bar struct {
	Path            string
	Title           string
	LowIn, HighIn   string
	Low, Base, High float64
}

// Swing is how far the output moves.
func (b Bar) Swing() float64 { return math.Abs(b.High - b.Low) }

// Metric picks the number that an analysis looks at.
type Metric struct {
	ID, Title string
	Of        func(*Result) float64
}

// SupplierNPV and EffectivePrice are the two metrics shown by default.
var (
	SupplierNPV    = Metric{"supplier_npv", "supplier's present value after warrants", func(r *Result) float64 { return r.Worth.SupplierNPV }}
	EffectivePrice = Metric{"effective_price", "price a MW-year after equity", func(r *Result) float64 { return r.Worth.Effective }}
)

// tornadoPaths is enough where a bar needs a new simulation: the error stays far
// below the swing of a volatility.
const tornadoPaths = 10_000

// Tornado moves each figure that has a spread from its low to its high value.
func Tornado(ctx context.Context, base *Result, m Metric) ([]Bar, error) {
	var out []Bar
	for _, f := range contract.Figures(base.Deal) {
		if !f.Spread() {
			continue
		}
		bar := Bar{Path: f.Path, Title: label(f.Path), Base: m.Of(base)}
		var err error
		if bar.Low, err = moved(ctx, base, f.Path, f.Quantile(0.05), m); err != nil {
			return nil, err
		}
		if bar.High, err = moved(ctx, base, f.Path, f.Quantile(0.95), m); err != nil {
			return nil, err
		}
		bar.LowIn, bar.HighIn = at(f, f.Quantile(0.05)), at(f, f.Quantile(0.95))
		if bar.Swing() > 0 && !math.IsNaN(bar.Swing()) {
			out = append(out, bar)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Swing() > out[j].Swing() })
	return out, nil
}

func at(f *contract.Figure, v float64) string {
	g := *f
	g.Base = v
	return g.String()
}

func label(path string) string {
	return strings.NewReplacer("capacity.tranches.", "tranche ", ".", " ", "_", " ").Replace(path)
}

// moved recomputes with one figure at v. What touches the issuer's price process
// is simulated anew; the rest reuses the values a share.
func moved(ctx context.Context, base *Result, path string, v float64, m Metric) (float64, error) {
	d := contract.Clone(base.Deal)
	for _, f := range contract.Figures(d) {
		if f.Path == path {
			f.Base = v
		}
	}
	if !strings.HasPrefix(path, "issuer.") {
		return m.Of(again(base, d)), nil
	}
	r, err := Run(ctx, d, Options{Paths: min(tornadoPaths, base.Equity.Paths), Seed: base.Options.Seed, Workers: base.Options.Workers})
	if err != nil {
		return 0, fmt.Errorf("with %s at %g: %w", path, v, err)
	}
	return m.Of(r), nil
}

// Grid is a two-way table.
type Grid struct {
	Title      string
	RowTitle   string
	ColTitle   string
	Rows, Cols []float64
	RowText    []string
	ColText    []string
	Cells      [][]float64
	Metric     Metric
}

// TwoWay varies two figures, five values each: 80 % to 120 % of the base value.
func TwoWay(base *Result, row, col string, m Metric) (Grid, bool) {
	g := Grid{Title: m.Title, RowTitle: label(row), ColTitle: label(col), Metric: m}
	fr, fc := find(base.Deal, row), find(base.Deal, col)
	if fr == nil || fc == nil {
		return g, false
	}
	for _, k := range []float64{0.8, 0.9, 1, 1.1, 1.2} {
		g.Rows, g.RowText = append(g.Rows, fr.Base*k), append(g.RowText, at(fr, fr.Base*k))
		g.Cols, g.ColText = append(g.Cols, fc.Base*k), append(g.ColText, at(fc, fc.Base*k))
	}
	for _, rv := range g.Rows {
		var line []float64
		for _, cv := range g.Cols {
			d := contract.Clone(base.Deal)
			find(d, row).Base = rv
			find(d, col).Base = cv
			line = append(line, m.Of(again(base, d)))
		}
		g.Cells = append(g.Cells, line)
	}
	return g, true
}

func find(d *contract.Deal, path string) *contract.Figure {
	for _, f := range contract.Figures(d) {
		if f.Path == path && f.Known {
			return f
		}
	}
	return nil
}

// Fan is the spread of the deal when every uncertain figure is drawn.
type Fan struct {
	Paths     int
	Figures   int       // how many figures were drawn
	Levels    []float64 // quantiles
	Core      [][]float64
	NPV       []float64 // at the levels
	PerShare  []float64
	Effective []float64
	FullBy    []float64 // when the last committed megawatt is in service, years since 2000
	Loss      float64   // chance that the supplier's value is negative
}

// MaxFan bounds the memory of a fan: every draw keeps its quarters.
const MaxFan = 100_000

// DefaultFan gives percentiles good to about a point.
const DefaultFan = 2_000

// fanBlock is the unit of work: a worker's share never changes a result.
const fanBlock = 64

var fanLevels = []float64{0.05, 0.25, 0.5, 0.75, 0.95}

// MonteCarlo draws every figure with a spread from its distribution, independently,
// and recomputes the deal. Values a share are those of the base run.
func MonteCarlo(ctx context.Context, base *Result, o Options) (Fan, error) {
	n := o.FanPaths
	if n == 0 {
		n = DefaultFan
	}
	f := Fan{Paths: n, Levels: fanLevels}
	if n < 2 || n > MaxFan {
		return f, fmt.Errorf("%d draws of the fan: write 2 to %d", n, MaxFan)
	}
	draws := make([]fanDraw, n)
	workers := max(o.Workers, 1)
	if o.Workers == 0 {
		workers = 2
	}
	var wg sync.WaitGroup
	blocks := make(chan int, (n+fanBlock-1)/fanBlock)
	for k := 0; k < n; k += fanBlock {
		blocks <- k
	}
	close(blocks)
	for range workers {
		wg.Go(func() {
			for k := range blocks {
				for i := k; i < min(k+fanBlock, n) && ctx.Err() == nil; i++ {
					draws[i] = drawOne(base, o.Seed, uint64(i))
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return f, fmt.Errorf("the Monte Carlo fan was stopped: %w", err)
	}
	f.collect(base, draws)
	return f, nil
}

type fanDraw struct {
	quarter0                     float64
	core                         []float64
	npv, perShare, price, fullBy float64
	figures                      int
}

// drawOne is a path of its own generator, so that no order of work shows.
func drawOne(base *Result, seed, path uint64) fanDraw {
	rng := rand.New(rand.NewPCG(seed, path))
	d := contract.Clone(base.Deal)
	n := 0
	for _, f := range contract.Figures(d) {
		u := rng.Float64() // drawn for every figure: a new range does not shift the others
		if f.Spread() {
			f.Base = f.Quantile(min(max(u, 1e-9), 1-1e-9))
			n++
		}
	}
	r := again(base, d)
	out := fanDraw{npv: r.Worth.SupplierNPV, price: r.Worth.Effective, figures: n, perShare: nan, core: r.Book.Core}
	if len(r.Schedule.Quarters) > 0 {
		out.quarter0 = r.Schedule.Quarters[0].T0
	}
	if i := r.Deal.Issuer; i != nil && i.Diluted.Known && i.Delivering {
		out.perShare = out.npv / i.Diluted.Base
	}
	for _, c := range r.Schedule.Cohorts {
		if !c.Option {
			out.fullBy = math.Max(out.fullBy, c.Full())
		}
	}
	return out
}

func (f *Fan) collect(base *Result, draws []fanDraw) {
	pick := func(of func(fanDraw) float64) []float64 {
		var v []float64
		for _, d := range draws {
			v = append(v, of(d))
		}
		return quantiles(v, f.Levels)
	}
	f.Figures = draws[0].figures
	f.NPV = pick(func(d fanDraw) float64 { return d.npv })
	f.PerShare = pick(func(d fanDraw) float64 { return d.perShare })
	f.Effective = pick(func(d fanDraw) float64 { return d.price })
	f.FullBy = pick(func(d fanDraw) float64 { return d.fullBy })
	for _, d := range draws {
		if d.npv < 0 {
			f.Loss += 1 / float64(len(draws))
		}
	}
	for _, q := range base.Schedule.Quarters {
		f.Core = append(f.Core, pick(func(d fanDraw) float64 {
			i := int(math.Round((q.T0 - d.quarter0) * 4))
			if i < 0 || i >= len(d.core) {
				return 0
			}
			return d.core[i]
		}))
	}
}

// quantiles interpolates between order statistics.
func quantiles(v, levels []float64) []float64 {
	slices.Sort(v)
	var out []float64
	for _, u := range levels {
		x := u * float64(len(v)-1)
		i := int(x)
		if i+1 >= len(v) {
			out = append(out, v[len(v)-1])
			continue
		}
		out = append(out, v[i]+(x-float64(i))*(v[i+1]-v[i]))
	}
	return out
}
