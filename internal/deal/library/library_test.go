package library

import (
	"strings"
	"testing"

	"wafer/internal/deal/file"
	"wafer/internal/diag"
)

func TestBuiltInDealsAreSound(t *testing.T) {
	for _, name := range Names() {
		text, err := Text(name)
		if err != nil {
			t.Fatal(err)
		}
		deal, list := file.Parse(name+".yaml", text)
		if list.Len() > 0 {
			var b strings.Builder
			_ = diag.Render(&b, list.Sorted(), func(string) ([]byte, bool) { return text, true })
			t.Errorf("%s:\n%s", name, b.String())
			continue
		}
		if deal.ID != name {
			t.Errorf("%s.yaml has the id %q", name, deal.ID)
		}
	}
}
