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
