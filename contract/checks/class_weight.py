"""Whether the class weights are those of the target's classes."""

from collections.abc import Iterator

from contract.checks.case import Case, listed_names
from contract.errors import FieldError
from contract.fields import echo, pointer_step


def wrong_class_weight(case: Case) -> Iterator[FieldError]:
    """Class weights of a model that predicts numbers, of a class that is none, or of some classes only."""
    given, model = case.settings.class_weight, case.settings.model["name"]
    if given is None:
        return
    if not case.settings.predicts_classes:
        detail = f"The model {model!r} predicts numbers and has no classes; for weights of rows take weight_column."
        yield FieldError("/class_weight", detail)
    elif isinstance(given, dict):
        yield from _wrong_names(given, case.columns[case.settings.target].categories)


def _wrong_names(given: dict[str, float], classes: tuple[str, ...]) -> Iterator[FieldError]:
    there = f"the classes are: {listed_names(classes)}."
    for name in (name for name in given if name not in classes):
        yield FieldError(
            f"/class_weight{pointer_step(name)}", f"There is no class {echo(name)}; {there}", "unknown_value"
        )
    if missing := [name for name in classes if name not in given]:
        detail = f"Must name every class, and has no weight for {listed_names(missing)}; {there}"
        yield FieldError("/class_weight", detail, "missing_field")
