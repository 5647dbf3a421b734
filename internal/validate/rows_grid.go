package validate

import (
	"context"
	"fmt"
)

// gridRows are the collectives over rectangles of w×w cores.
func gridRows() []Row {
	var rows []Row
	for _, w := range []int{4, 16, 64, 128, 256, 512} {
		for _, b := range []int{1, 64, 1024} {
			n := float64(w)
			rows = append(rows,
				gridRow("broadcast", w, b, broadcastModel(n, n, float64(b)), broadcastShare, fmt.Sprintf("height:%d", w), "broadcast.csl"),
				gridRow("rows-then-column", w, b, 2*chainModel(n, float64(b)), collectiveShare, fmt.Sprintf("height:%d,snake:false", w), "grid.csl"),
			)
			if w <= 64 {
				rows = append(rows, gridRow("snake", w, b, chainModel(n*n, float64(b)), collectiveShare, fmt.Sprintf("height:%d,snake:true", w), "grid.csl"))
			}
		}
	}
	return rows
}

// gridRow is a sum or a broadcast over w×w cores whose result is known.
func gridRow(name string, w, b int, published, tolerance float64, params, file string) Row {
	const profile = "wse2"
	r := Row{
		ID: fmt.Sprintf("grid/%s/%dx%d/b%d", name, w, w, b), Group: "collectives on a square", What: fmt.Sprintf("%s, %d×%d cores, %d words", name, w, w, b),
		Profile: profile, Source: "HPDC24", Kind: Measured, Published: published, Unit: "cycles", Tolerance: tolerance,
		Slack: clockSlack, Required: true, Effort: Normal, Conditions: ownStart,
	}
	switch work := w * w * b; {
	case work <= 1<<13:
		r.Effort = Quick
	case w >= 256 || work > 1<<18:
		r.Effort = Full
	}
	p := program{
		file: file, profile: profile, w: w, h: w, results: b, prepare: b,
		params: fmt.Sprintf("width:%d,words:%d,%s", w, b, params),
	}
	first, step := 7, 1
	if name != "broadcast" {
		first, step = sumOf(w, w)
	}
	r.measure = func(ctx context.Context, bn *bench) (float64, error) {
		out, err := bn.run(ctx, p)
		if err != nil {
			return 0, err
		}
		if err := ramp(out.result, first, step); err != nil {
			return 0, err
		}
		over, err := stampCost(ctx, bn, profile)
		return float64(out.span - over), err
	}
	return r
}
