package contract

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
)

var figureType = reflect.TypeFor[Figure]()

// Figures lists every figure of d that the file gives, by path. The pointers
// point into d.
func Figures(d *Deal) []*Figure {
	var out []*Figure
	walk(reflect.ValueOf(d).Elem(), func(f *Figure) {
		if f.Path != "" {
			out = append(out, f)
		}
	})
	sort.SliceStable(out, func(i, j int) bool { return out[i].Path < out[j].Path })
	return out
}

// walk visits the figures below v in field order.
func walk(v reflect.Value, f func(*Figure)) {
	if v.Type() == figureType {
		f(v.Addr().Interface().(*Figure))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walk(v.Field(i), f)
		}
	}
}

// Clone copies d so that the copy's figures can be changed.
func Clone(d *Deal) *Deal {
	out := *d
	deepen(reflect.ValueOf(&out).Elem())
	return &out
}

// deepen replaces every pointer and slice below v by a copy.
func deepen(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		v.Set(fresh)
		deepen(fresh.Elem())
	case reflect.Slice:
		if v.IsNil() || v.Type().Elem().Kind() == reflect.String {
			return // strings are shared: nobody writes to them
		}
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		v.Set(fresh)
		for i := range fresh.Len() {
			deepen(fresh.Index(i))
		}
	case reflect.Struct:
		if v.Type() == figureType {
			return
		}
		for i := range v.NumField() {
			deepen(v.Field(i))
		}
	}
}

// Lookup finds the field at a dotted path: keys of mappings, ids of list items.
// It gives the value, which can be set, and the tag of its field.
func Lookup(d *Deal, path string) (reflect.Value, reflect.StructTag, error) {
	v, tag := reflect.ValueOf(d).Elem(), reflect.StructTag("")
	for _, key := range strings.Split(path, ".") {
		for v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		next, t, ok := step(v, key)
		if !ok {
			return v, tag, fmt.Errorf("there is no %q in the path %q", key, path)
		}
		v = next
		if t != "" {
			tag = t
		}
	}
	return v, tag, nil
}

func step(v reflect.Value, key string) (reflect.Value, reflect.StructTag, bool) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Tag.Get("yaml") == key && key != "" {
				return v.Field(i), f.Tag, true
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if itemName(v.Index(i), i) == key {
				return v.Index(i), "", true
			}
		}
	}
	return reflect.Value{}, "", false
}

// itemName is what a path calls an item of a list: its id, else its number.
func itemName(v reflect.Value, i int) string {
	if v.Kind() == reflect.Struct {
		if f := v.FieldByName("ID"); f.IsValid() && f.Kind() == reflect.String && f.String() != "" {
			return f.String()
		}
	}
	return fmt.Sprint(i + 1)
}
