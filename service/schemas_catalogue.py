"""What is shown of the catalogue."""

from marshmallow import fields

from service.shown import Shown, flag, listed, named, number, part, text, whole

TYPES = ("number", "integer", "boolean", "string", "array")


class ParameterSchema(Shown):
    """A member that an object with this name has in settings."""

    name = text("The member's name.", example="beta1")
    type = text("The JSON type of its values.", choices=TYPES)
    required = flag("Whether it must be given.")
    default = fields.Raw(allow_none=True, metadata={"description": "What it is otherwise; null where it is required."})
    range = named(
        number("A bound."),
        "Bounds as in JSON Schema: minimum, exclusiveMinimum, maximum, exclusiveMaximum; of each member of lists.",
        example={"minimum": 0, "exclusiveMaximum": 1},
    )
    choices = listed(text("A word."), "The words that it may be, where those are all.", null=True)
    most_members = whole("How many members a list may have; null for what is no list.", null=True)


class EntrySchema(Shown):
    """Something that settings may name."""

    name = text("Its name in settings.", example="adam")
    formula = text("What it computes, in plain text.")
    reference = text("Who described it, and when.", null=True, example="Kingma and Ba 2015, algorithm 1")
    parameters = listed(part(ParameterSchema), "Its members beside the name, in their order.")


class ModelSchema(EntrySchema):
    """A model."""

    losses = listed(
        text("A loss's name."), "The losses that fit it, the default first; for a network the target decides."
    )


class FunctionSchema(Shown):
    """A function of x and y with known minima."""

    name = text("Its name in settings.", example="rosenbrock")
    formula = text("Its expression.", example="(1 - x)**2 + 100*(y - x**2)**2")
    reference = text("Who described it, and when.")
    box = named(listed(number("A bound."), "From and to."), "Where starts are usually drawn, by variable.")
    least = number("Its least value.")
    minima = listed(named(number("A variable's value."), "By variable."), "All points with that value.")


class CatalogueSchema(Shown):
    """What settings may name: every name with its parameters, formula and reference."""

    models = listed(part(ModelSchema), "Values of the setting `model`.")
    losses = listed(part(EntrySchema), "Values of the setting `loss`; z is the score, y the target.")
    penalties = listed(part(EntrySchema), "Values of the setting `penalty`; w are the coefficients.")
    optimizers = listed(part(EntrySchema), "Values of the setting `optimizer`.")
    schedules = listed(part(EntrySchema), "Values of `schedule` in the setting `learning_rate`.")
    functions = listed(part(FunctionSchema), "Values of the setting `function`.")
    constants = listed(text("A name.", example="pi"), "Names in expressions that are numbers, not variables.")
