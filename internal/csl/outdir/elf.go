package outdir

import (
	"bytes"
	"debug/elf"
	"encoding/binary"

	"wafer/internal/image"
	"wafer/internal/machine"
)

// An ELF container of one program, as tools for the vendor's files read it:
// 64-bit, little end first, e_flags the generation of the machine. Each core that
// runs the program has one PT_LOAD header, and p_paddr>>40 of it is y*width+x in
// the fabric (the convention that the public reader esa-tu-darmstadt/
// cerebras-simtracer documents). All headers share the bytes of .data.
//
// .text holds our own instructions, 16 bytes each. It is for listings: the
// simulator reads image.wafer.

// instrBytes is the size of one instruction in .text.
const instrBytes = 16

// maxPlaces bounds the program headers: their number is a 16-bit field and its
// largest value has another meaning.
const maxPlaces = 0xfffe

// ELF gives the container of program i, which runs on the given cores.
func ELF(im *image.Image, i int, places []int) []byte {
	p := im.Programs[i]
	if len(places) > maxPlaces {
		places = places[:maxPlaces]
	}
	base, data := flatten(p.Data)
	text := codeBytes(p.Code)
	symtab, strtab, locals := symbols(p)

	names := newStrings()
	const ehSize, phSize, shSize = 64, 56, 64
	at := uint64(ehSize + phSize*len(places))
	var body bytes.Buffer
	var heads []elf.Section64
	add := func(name string, s elf.Section64, content []byte) {
		s.Name = names.add(name)
		s.Off, s.Size = at+uint64(body.Len()), uint64(len(content))
		heads = append(heads, s)
		body.Write(content)
		body.Write(make([]byte, (8-body.Len()%8)%8))
	}
	heads = append(heads, elf.Section64{})
	add(".text", elf.Section64{Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_EXECINSTR), Addralign: 8}, text)
	add(".data", elf.Section64{
		Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_ALLOC | elf.SHF_WRITE),
		Addr: uint64(base), Addralign: 2,
	}, data)
	dataOff := heads[2].Off
	add(".symtab", elf.Section64{Type: uint32(elf.SHT_SYMTAB), Link: 4, Info: locals, Entsize: elf.Sym64Size, Addralign: 8}, symtab)
	add(".strtab", elf.Section64{Type: uint32(elf.SHT_STRTAB), Addralign: 1}, strtab)
	shName := names.add(".shstrtab")
	heads = append(heads, elf.Section64{
		Name: shName, Type: uint32(elf.SHT_STRTAB), Off: at + uint64(body.Len()),
		Size: uint64(len(names.buf)), Addralign: 1,
	})
	body.Write(names.buf)
	body.Write(make([]byte, (8-body.Len()%8)%8))

	h := elf.Header64{
		Type: uint16(elf.ET_EXEC), Version: 1, Phoff: ehSize, Shoff: at + uint64(body.Len()),
		Flags: flags(im.Arch), Ehsize: ehSize, Phentsize: phSize, Phnum: uint16(len(places)),
		Shentsize: shSize, Shnum: uint16(len(heads)), Shstrndx: uint16(len(heads) - 1),
	}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1

	out := appendLE(nil, h)
	for _, tile := range places {
		out = appendLE(out, elf.Prog64{
			Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_W | elf.PF_X), Off: dataOff,
			Vaddr: uint64(base), Paddr: uint64(tile)<<40 | uint64(base),
			Filesz: uint64(len(data)), Memsz: uint64(len(data)), Align: 2,
		})
	}
	out = append(out, body.Bytes()...)
	for _, s := range heads {
		out = appendLE(out, s)
	}
	return out
}

// flags is e_flags: 1 for WSE-2, 2 for WSE-3.
func flags(a machine.Arch) uint32 {
	if a == machine.WSE2 {
		return 1
	}
	return 2
}

func appendLE(b []byte, v any) []byte {
	out, err := binary.Append(b, binary.LittleEndian, v)
	if err != nil {
		panic("BUG: " + err.Error()) // the structs of debug/elf have fixed sizes
	}
	return out
}

// flatten joins the segments into one run of bytes from the first address on.
func flatten(segs []image.Segment) (base int, data []byte) {
	if len(segs) == 0 {
		return 0, nil
	}
	last := segs[len(segs)-1]
	base = int(segs[0].Addr) * 2
	data = make([]byte, (int(last.Addr)+len(last.Words))*2-base)
	for _, s := range segs {
		for i, w := range s.Words {
			binary.LittleEndian.PutUint16(data[(int(s.Addr)+i)*2-base:], w)
		}
	}
	return base, data
}

func codeBytes(code []image.Instr) []byte {
	out := make([]byte, 0, len(code)*instrBytes)
	for _, in := range code {
		out = append(out, byte(in.Op), byte(in.R))
		out = binary.LittleEndian.AppendUint16(out, in.D)
		out = binary.LittleEndian.AppendUint16(out, in.A)
		out = binary.LittleEndian.AppendUint16(out, in.B)
		out = binary.LittleEndian.AppendUint64(out, uint64(in.Imm))
	}
	return out
}

// symbols gives the symbol table: functions by their place in .text, variables
// by their byte address in the core's memory. Local symbols must come first.
func symbols(p *image.Program) (table, names []byte, locals uint32) {
	str := newStrings()
	table = appendLE(nil, elf.Sym64{})
	locals = 1
	put := func(name string, bind elf.SymBind, kind elf.SymType, section uint16, value, size int) {
		table = appendLE(table, elf.Sym64{
			Name: str.add(name), Info: elf.ST_INFO(bind, kind), Shndx: section,
			Value: uint64(value), Size: uint64(size),
		})
	}
	for i, f := range p.Funcs {
		end := len(p.Code)
		if i+1 < len(p.Funcs) && p.Funcs[i+1].PC > f.PC {
			end = int(p.Funcs[i+1].PC)
		}
		put(f.Name, elf.STB_LOCAL, elf.STT_FUNC, 1, int(f.PC)*instrBytes, (end-int(f.PC))*instrBytes)
		locals++
	}
	for _, s := range p.Symbols {
		put(s.Name, elf.STB_GLOBAL, elf.STT_OBJECT, uint16(elf.SHN_ABS), int(s.Addr)*2, s.Words*2)
	}
	return table, str.buf, locals
}

// stringTable is an ELF string table.
type stringTable struct{ buf []byte }

func newStrings() *stringTable { return &stringTable{buf: []byte{0}} }

func (s *stringTable) add(name string) uint32 {
	at := uint32(len(s.buf))
	s.buf = append(append(s.buf, name...), 0)
	return at
}
