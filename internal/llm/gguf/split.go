package gguf

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// splitName is the naming rule of split sets: NAME-00001-of-00003.gguf.
var splitName = regexp.MustCompile(`^(.*)-(\d{5})-of-(\d{5})\.gguf$`)

// openRest adds parts 2…n of a split set to its first part. The metadata of the
// model is in the first part; the others bring only tensors.
func (f *File) openRest(path string) error {
	count, ok := f.Uint("split.count")
	if !ok || count <= 1 {
		return nil
	}
	no, _ := f.Uint("split.no")
	m := splitName.FindStringSubmatch(filepath.Base(path))
	switch {
	case count > maxSplit:
		return mistake(path, codeLimit, cureDownload, "split.count is %d, more than the limit of %d parts", count, maxSplit)
	case m == nil:
		return mistake(path, codeSplit, "rename the parts to NAME-00001-of-00003.gguf and so on", "the file is part %d of %d, but its name does not say where the other parts are", no+1, count)
	case no != 0:
		return mistake(path, codeSplit, fmt.Sprintf("open %s-%05d-of-%s.gguf", m[1], 1, m[3]), "the file is part %d of %d; a split model is opened by its first part", no+1, count)
	}
	for i := 2; i <= int(count); i++ {
		next := filepath.Join(filepath.Dir(path), fmt.Sprintf("%s-%05d-of-%s.gguf", m[1], i, m[3]))
		if err := f.addPart(next, i, int(count)); err != nil {
			return err
		}
	}
	return f.checkTotal()
}

func (f *File) addPart(path string, i, count int) error {
	if _, err := os.Stat(path); os.IsNotExist(err) {
		return mistake(path, codeSplit, "download all parts into one directory", "part %d of %d is missing", i, count)
	}
	p, err := openPart(path)
	if err != nil {
		return err
	}
	f.parts = append(f.parts, p.parts[0])
	no, _ := p.Uint("split.no")
	if n, ok := p.Uint("split.count"); !ok || int(n) != count || int(no) != i-1 {
		return mistake(path, codeSplit, "download all parts of the same model again", "the file says that it is part %d of %d, and part %d of %d is expected here", no+1, n, i, count)
	}
	for _, t := range p.Tensors {
		if _, dup := f.byName[t.Name]; dup {
			return mistake(path, codeSplit, "download all parts of the same model again", "tensor %s is in two parts", quote(t.Name))
		}
		t.part = i - 1
		f.byName[t.Name] = len(f.Tensors)
		f.Tensors = append(f.Tensors, t)
	}
	return nil
}

func (f *File) checkTotal() error {
	want, ok := f.Uint("split.tensors.count")
	if ok && int(want) != len(f.Tensors) {
		return mistake(f.Name, codeSplit, "download all parts of the same model again", "the parts hold %d tensors together and the first part promises %d", len(f.Tensors), want)
	}
	return nil
}
