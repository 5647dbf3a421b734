package pe

import (
	"reflect"
	"slices"

	"wafer/internal/image"
	"wafer/internal/machine"
)

// Programs decodes the programs of an image. Programs often differ in their data
// alone: each core of a matrix product knows its place. Those share one copy of
// the code, else a thousand cores in step would read a thousand copies of the same
// loop through the host's cache.
func Programs(ps []*image.Program, m *machine.Machine) ([]*Program, error) {
	out := make([]*Program, len(ps))
	byCode := map[uint64][]*Program{}
	t := newTariff(m)
	for i, p := range ps {
		key := codeKey(p.Code)
		var twin *Program
		for _, q := range byCode[key] {
			if slices.Equal(q.Code, p.Code) {
				twin = q
				break
			}
		}
		d, err := newProgram(p, t, twin)
		if err != nil {
			return nil, err
		}
		if out[i] = d; twin == nil {
			byCode[key] = append(byCode[key], d)
		}
	}
	return out, nil
}

// like gives p with the parts of t that are equal.
func like(p, t *image.Program) *image.Program {
	q := *p
	q.Code = t.Code
	if reflect.DeepEqual(p.DSD, t.DSD) {
		q.DSD = t.DSD
	}
	if reflect.DeepEqual(p.Funcs, t.Funcs) {
		q.Funcs = t.Funcs
	}
	return &q
}

// codeKey is a hash of instructions.
func codeKey(code []instr) uint64 {
	h := uint64(len(code))
	for i := range code {
		in := &code[i]
		h = mix(h ^ uint64(in.Op) ^ uint64(in.R)<<8 ^ uint64(in.D)<<16 ^ uint64(in.A)<<32 ^ uint64(in.B)<<48)
		h = mix(h ^ uint64(in.Imm))
	}
	return h
}
