package cli

import (
	"bytes"
	"context"
	"io"
	"testing"

	"wafer/internal/machine"
	"wafer/internal/sim"
)

// BenchmarkCheckpointDemo saves and loads the end of the demo, where every core has
// been touched, on a small rectangle and on a whole wafer.
func BenchmarkCheckpointDemo(b *testing.B) {
	m, err := machine.Preset("wse3")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("48x48", func(b *testing.B) { benchCheckpoint(b, m, 48, 48) })
	b.Run("wafer", func(b *testing.B) { benchCheckpoint(b, m, m.RectW, m.RectH) })
}

func benchCheckpoint(b *testing.B, m *machine.Machine, w, h int) {
	im, err := compileDemo(context.Background(), m, w, h, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	d, err := openDevice(deviceOptions{Image: im, Profile: m.Name, Err: io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	rep := demoReport{Width: w, Height: h, Cores: w * h}
	if _, err := rep.run(context.Background(), d); err != nil {
		b.Fatal(err)
	}
	var file bytes.Buffer
	b.Run("save", func(b *testing.B) {
		for b.Loop() {
			file.Reset()
			if err := d.sim.Save(&file, nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(file.Len()), "bytes")
	})
	d.sim, d.Host = nil, nil // room for the next one
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := sim.Load(bytes.NewReader(file.Bytes()), im, m, sim.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
