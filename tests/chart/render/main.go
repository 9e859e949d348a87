// Renders a Helm chart as `helm template` documents it, as far as ours goes: text/template, sprig, and
// of Helm's own include, tpl, toYaml, fromYaml, required and lookup (which finds nothing).
//
//	render [-name NAME] [-namespace NAMESPACE] [-notes] CHART [VALUES.yaml | -]...
//
// Values files are laid over the chart's own in order. Objects that the text divides by `---` are
// printed each under a line `# Source: file`.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"
)

type object = map[string]interface{}

type chart struct {
	path    string
	about   object            // Chart.yaml
	values  object            // values.yaml
	sources map[string]string // templates/..., by path within the chart
}

func open(path string) (*chart, error) {
	c := &chart{path: path, sources: map[string]string{}}
	for name, into := range map[string]*object{"Chart.yaml": &c.about, "values.yaml": &c.values} {
		read, err := readYaml(filepath.Join(path, name))
		if err != nil {
			return nil, err
		}
		*into = read
	}
	err := filepath.Walk(filepath.Join(path, "templates"), func(file string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		name, _ := filepath.Rel(path, file)
		c.sources[name] = string(text)
		return err
	})
	return c, err
}

// The dot of every template. `capitalised` is how Helm shows the fields of Chart.yaml.
func (c *chart) dot(values object, name, namespace string) object {
	capitalised := object{}
	for key, value := range c.about {
		capitalised[strings.ToUpper(key[:1])+key[1:]] = value
	}
	return object{
		"Chart":  capitalised,
		"Values": values,
		"Files":  files{c.path},
		"Release": object{"Name": name, "Namespace": namespace, "Service": "Helm", "IsInstall": true,
			"IsUpgrade": false, "Revision": 1},
		"Capabilities": object{"KubeVersion": object{"Version": "v1.36.0", "Major": "1", "Minor": "36"}},
	}
}

func (c *chart) names() []string {
	names := []string{}
	for name := range c.sources {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (c *chart) render(values object, name, namespace string, notes bool) error {
	root := template.New("chart").Option("missingkey=zero")
	root.Funcs(functions(root))
	for _, each := range c.names() {
		if _, err := root.New(each).Parse(c.sources[each]); err != nil {
			return err
		}
	}
	for _, each := range c.names() {
		isNotes := filepath.Base(each) == "NOTES.txt"
		if strings.HasPrefix(filepath.Base(each), "_") || isNotes != notes {
			continue
		}
		var text strings.Builder
		if err := root.ExecuteTemplate(&text, each, c.dot(values, name, namespace)); err != nil {
			return err
		}
		show(each, strings.ReplaceAll(text.String(), "<no value>", ""), notes)
	}
	return nil
}

func show(source, text string, notes bool) {
	if notes {
		fmt.Print(text)
		return
	}
	for _, document := range strings.Split("\n"+text, "\n---") {
		if strings.TrimSpace(document) != "" {
			fmt.Printf("---\n# Source: %s\n%s\n", source, strings.Trim(document, "\n"))
		}
	}
}

func run() error {
	name := flag.String("name", "autoscaler", "the release")
	namespace := flag.String("namespace", "autoscaler", "where it is installed")
	notes := flag.Bool("notes", false, "what Helm prints after an installation, instead of the objects")
	flag.Parse()
	if flag.NArg() == 0 {
		return fmt.Errorf("usage: render [-name NAME] [-namespace NAMESPACE] [-notes] CHART [VALUES.yaml | -]...")
	}
	c, err := open(flag.Arg(0))
	if err != nil {
		return err
	}
	values := c.values
	for _, each := range flag.Args()[1:] {
		over, err := readYaml(each)
		if err != nil {
			return err
		}
		values = overlay(values, over)
	}
	return c.render(values, *name, *namespace, *notes)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}
