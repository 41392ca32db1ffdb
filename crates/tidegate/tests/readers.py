"""Reads a file that `tidegate report` hands over (standard input) as the tool would, and prints what it took as JSON.

Nothing here uses the network. A file that the tool would refuse ends in an exception.
"""

import json
import sys


def main():
    content = sys.stdin.read()
    print(json.dumps(READERS[sys.argv[1]](content)))


def sysreptor(content):
    import tomli_w
    from markdown_it import MarkdownIt
    from reptor.models.Finding import Finding as Model
    from reptor.models.ProjectDesign import ProjectDesign
    from reptor.plugins.projects.Finding.Finding import Finding as Plugin

    plugin = Plugin.__new__(Plugin)
    findings = list(plugin._read_findings(content=content))
    render = MarkdownIt("commonmark", {"html": True}).enable("table").render
    texts = []
    for finding in findings:
        # Strictly: every field is one of the design, and has its type or one of its values.
        model = Model(finding, ProjectDesign(), strict_type_check=True)
        assert model.data.title.value == finding["data"]["title"]
        (again,) = plugin._read_findings(content=tomli_w.dumps(finding))
        assert again == finding, "TOML says something else"
        fields = [
            field.name
            for field in ProjectDesign().finding_fields
            if (field.type.value if hasattr(field.type, "value") else field.type) == "markdown"
        ]
        for name in fields:
            html = render(finding["data"].get(name, ""))
            # What becomes of the Markdown is compiled as a template.
            assert "{{" not in html, html
            texts.append(checked(html))
    return {"titles": [finding["data"]["title"] for finding in findings], "text": "\n".join(texts)}


def ocsf(content):
    from py_ocsf_models.events.findings.detection_finding import DetectionFinding

    events = json.loads(content)
    for event in events:
        finding = DetectionFinding.model_validate(event)
        unknown(event, finding, "event")
        assert int(finding.type_uid) == finding.class_uid * 100 + int(finding.activity_id)
    return {"uids": [event["finding_info"]["uid"] for event in events]}


def unknown(value, model, at):
    """Fails on a key that the model does not know: pydantic would pass over it."""
    from pydantic import BaseModel

    for key, inner in value.items():
        assert key in type(model).model_fields, f"{at}.{key}"
        read = getattr(model, key)
        if isinstance(read, BaseModel):
            unknown(inner, read, f"{at}.{key}")
        elif isinstance(read, list):
            for part, one in zip(inner, read):
                if isinstance(one, BaseModel):
                    unknown(part, one, f"{at}.{key}[]")


def ghostwriter(content):
    import bs4
    import jinja2.sandbox

    env = jinja2.sandbox.SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=True)
    fields = [
        "affectedEntities", "description", "impact", "mitigation", "replication_steps", "references",
    ]
    objects = json.loads(content)["variables"]["objects"]
    texts = []
    for finding in objects:
        for name in fields:
            # As Ghostwriter does before it renders: character references are gone after this.
            source = str(bs4.BeautifulSoup(finding[name], "html.parser"))
            texts.append(checked(env.from_string(source).render()))
    return {"titles": [finding["title"] for finding in objects], "text": "\n".join(texts)}


def defectdojo(content):
    import markdown

    document = json.loads(content)
    texts = []
    for finding in document["findings"]:
        for name in ["description", "mitigation", "impact", "steps_to_reproduce", "references", "severity_justification"]:
            extensions = ["nl2br", "sane_lists", "fenced_code", "tables"]
            texts.append(checked(markdown.markdown(finding[name], extensions=extensions)))
    return {"titles": [finding["title"] for finding in document["findings"]], "text": "\n".join(texts)}


def pwndoc(content):
    vulnerabilities = json.loads(content)
    texts = []
    for one in vulnerabilities:
        assert "id" not in one, "would be taken for Serpico's"
        for detail in one["details"]:
            for name in ["description", "observation", "remediation"]:
                html = detail[name]
                # A line break outside of code ends the reading: it becomes a <br> that stands in no paragraph.
                outside = "".join(part.split("</pre>")[-1] for part in html.split("<pre>"))
                assert "\n" not in outside, html
                texts.append(checked(html))
    return {"titles": [one["details"][0]["title"] for one in vulnerabilities], "text": "\n".join(texts)}


def checked(html):
    """The text of rendered HTML, after a look at what would do something."""
    import bs4

    soup = bs4.BeautifulSoup(html, "html.parser")
    bad = soup.find(["script", "img", "iframe", "object", "style", "svg", "form", "b", "u"])
    assert bad is None, f"{bad} in {html}"
    for element in soup.find_all(True):
        assert set(element.attrs) <= {"href", "class", "start", "style"}, element
        # Alignment of a column is all the style that tables have.
        assert element.attrs.get("style", "text-align:right").startswith("text-align"), element
    for link in soup.find_all("a"):
        assert link["href"].startswith("https://") and "evil" not in link["href"], link
    return soup.get_text()


READERS = {
    "sysreptor": sysreptor,
    "ocsf": ocsf,
    "ghostwriter": ghostwriter,
    "defectdojo": defectdojo,
    "pwndoc": pwndoc,
}

if __name__ == "__main__":
    main()
