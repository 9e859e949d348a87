package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

// Helm takes YAML by way of JSON: every number is a float64.
func throughJSON(value interface{}) (interface{}, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var read interface{}
	err = json.Unmarshal(text, &read)
	return read, err
}

func parseYaml(text []byte) (object, error) {
	var read interface{}
	if err := yaml.Unmarshal(text, &read); err != nil {
		return nil, err
	}
	read, err := throughJSON(read)
	if err != nil || read == nil {
		return object{}, err
	}
	mapping, ok := read.(object)
	if !ok {
		return nil, errors.New("is no mapping")
	}
	return mapping, nil
}

func readYaml(path string) (object, error) {
	var text []byte
	var err error
	if path == "-" {
		text, err = io.ReadAll(os.Stdin)
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	return parseYaml(text)
}

// Mappings are joined, anything else is replaced, and null takes a key away.
func overlay(under, over object) object {
	joined := object{}
	for key, value := range under {
		joined[key] = value
	}
	for key, value := range over {
		mapping, isMapping := value.(object)
		below, wasMapping := joined[key].(object)
		switch {
		case value == nil:
			delete(joined, key)
		case isMapping && wasMapping:
			joined[key] = overlay(below, mapping)
		default:
			joined[key] = value
		}
	}
	return joined
}

// A whole number is written as one, though it is a float64 here.
func toYaml(value interface{}) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	var read interface{}
	if err := yaml.Unmarshal(text, &read); err != nil {
		return "", err
	}
	var written bytes.Buffer
	encoder := yaml.NewEncoder(&written)
	encoder.SetIndent(2)
	err = encoder.Encode(read)
	return strings.TrimSuffix(written.String(), "\n"), err
}

type files struct{ chart string }

func (f files) Get(name string) string {
	text, _ := os.ReadFile(filepath.Join(f.chart, name))
	return string(text)
}

func functions(root *template.Template) template.FuncMap {
	funcs := sprig.TxtFuncMap()
	delete(funcs, "env")
	delete(funcs, "expandenv")
	funcs["toYaml"] = toYaml
	funcs["fromYaml"] = func(text string) (object, error) { return parseYaml([]byte(text)) }
	funcs["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	}
	funcs["lookup"] = func(apiVersion, kind, namespace, name string) object { return object{} }
	funcs["include"] = func(name string, dot interface{}) (string, error) {
		var text strings.Builder
		err := root.ExecuteTemplate(&text, name, dot)
		return text.String(), err
	}
	funcs["tpl"] = func(text string, dot interface{}) (string, error) {
		clone, err := root.Clone()
		if err != nil {
			return "", err
		}
		parsed, err := clone.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		err = parsed.Execute(&out, dot)
		return out.String(), err
	}
	return funcs
}
