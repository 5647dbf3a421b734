package validate

import (
	"context"
	"fmt"
)

// gemmRows is the one stock example with published phases: gemm-collectives_2d
// with its default parameters.
func gemmRows() []Row {
	return []Row{
		{
			ID: "app/gemm-collectives_2d/p4/compute", Group: "programs", What: "matrix product on 4×4 cores, blocks of 14×14, f32",
			Profile: "wse2", Source: "GEMM-NOTES", Kind: Measured, Published: 45783, Unit: "cycles", Tolerance: 0.15, Required: true,
			Effort: Quick, Conditions: "our own program of the same plan, with our own collectives library; from the launch to the last core's end",
			measure: func(ctx context.Context, b *bench) (float64, error) {
				out, err := b.run(ctx, summa("wse2", 4, 14))
				if err != nil {
					return 0, err
				}
				if want := float32(4 * 14 * 2); out.result[0] != want {
					return 0, fmt.Errorf("the product is %g, not %g", out.result[0], want)
				}
				return float64(out.span), nil
			},
		},
		{
			ID: "app/gemm-collectives_2d/p4/h2d", Group: "programs", What: "copies to the device", Profile: "wse2", Source: "GEMM-NOTES",
			Kind: Reserved, Published: 7226, Unit: "cycles", Conditions: "copies are carried out by the host model, not by wavelets",
		},
		{
			ID: "app/gemm-collectives_2d/p4/d2h", Group: "programs", What: "copy from the device", Profile: "wse2", Source: "GEMM-NOTES",
			Kind: Reserved, Published: 10522, Unit: "cycles", Conditions: "copies are carried out by the host model, not by wavelets",
		},
	}
}

func summa(profile string, side, block int) program {
	return program{
		file: "summa.csl", profile: profile, w: side, h: side, results: block * block, prepare: 2 * block * block,
		params: fmt.Sprintf("side:%d,rows:%d,inner:%d,cols:%d", side, block, block, block),
	}
}

// stencilRows are the runs of the CStencil repository: 16×16 points on 2×2 cores.
// What its kernels do beside exchange and arithmetic is theirs; ours are written
// anew, so the rows tell whether such a program takes about that long.
func stencilRows() []Row {
	var rows []Row
	for _, c := range []struct {
		shape         string
		radius, steps int
		published     float64
	}{
		{"star", 1, 1, 906},
		{"star", 1, 4, 3598},
		{"star", 2, 1, 2127},
		{"star", 2, 3, 6362},
		{"star", 3, 1, 2407},
		{"star", 3, 3, 7253},
		{"box", 3, 1, 8718},
	} {
		p := program{
			file: "stencil.csl", profile: "wse3", w: 2, h: 2, results: 1, prepare: 300,
			params: fmt.Sprintf("side:2,tile:8,radius:%d,box:%v,steps:%d", c.radius, c.shape == "box", c.steps),
		}
		rows = append(rows, Row{
			ID: fmt.Sprintf("app/stencil/%s-r%d/x%d", c.shape, c.radius, c.steps), Group: "programs",
			What: fmt.Sprintf("%s stencil of radius %d, %d times, 16×16 points on 2×2 cores, f32", c.shape, c.radius, c.steps), Profile: "wse3",
			Source: "CSTENCIL", Kind: Plausibility, Published: c.published, Unit: "cycles", Tolerance: 0.15, Effort: Quick,
			Conditions: "published as time, turned into cycles at 875 MHz", measure: span(p),
		})
	}
	return rows
}

// extrapolatedRows are applications on a whole wafer, from parts of it.
func extrapolatedRows() []Row {
	rows := seismicRows()
	for _, f := range []struct {
		id, how string
		half    int
	}{
		{"halves", "halves of a line exchange while it exchanges across its middle", 256},
		{"whole", "a line exchanges as a whole, destination by destination", 512},
	} {
		rows = append(rows, Row{
			ID: "app/fft3d/512/" + f.id, Group: "programs", What: "FFT of 512³ complex numbers, f32, one pencil a core", Profile: "wse2", Source: "WSFFT",
			Kind: Extrapolated, Published: 815000, Unit: "cycles", Tolerance: 0.25, Effort: Full,
			Conditions: "959 µs at 850 MHz; ours is one row of 512 cores, its exchange and a transform counted again for the columns; a program of our own, the published one is another; " + f.how,
			measure:    func(ctx context.Context, _ *bench) (float64, error) { return fftAlone(ctx, "wse2", 512, f.half) },
		})
	}
	return rows
}
