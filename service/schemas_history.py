"""What is shown of a job's history."""

from service.shown import JOB_ID, Shown, listed, named, number, text, whole

HISTORY_CSV = {
    "type": "string",
    "example": "iteration,cost,validation_cost,learning_rate,gradient_norm,seconds,"
    "optimality_gap,accuracy,validation_accuracy\n"
    "0,42.5,,,3.1,0.0,38.2,,\n",
}


class HistorySchema(Shown):
    """The cost history as columns of one length; entry 0 is the start. What is not finite or not known is null."""

    job = text("The job's id.", pattern=JOB_ID)
    total = whole("How many entries there were; at most 10,000 of them are kept.")
    stride = whole("Kept are the multiples of this number, and the last entry.", minimum=1)
    start = whole("Of which of a function's starts, from 0, this is the path; null for models.", null=True)
    iterations = listed(whole("An iteration."), "Of each entry; rising.")
    cost = listed(number("J on the training rows.", null=True), "After each iteration.")
    validation_cost = listed(number("J on the validation rows.", null=True), "Null without validation rows.", null=True)
    learning_rate = listed(number("The rate of the iteration's last step.", null=True), "Null at the start.")
    gradient_norm = listed(number("L2 norm of the full gradient.", null=True), "In the units of the fit.")
    seconds = listed(number("Seconds of computing.", null=True), "Up to each entry.")
    optimality_gap = listed(
        number("J above the least possible.", null=True), "Null where the optimum is not known.", null=True
    )
    accuracy = listed(number("Share of training rows."), "Classes predicted rightly, for networks.", null=True)
    validation_accuracy = listed(number("Share of validation rows."), "Likewise.", null=True)
    parameters = named(
        listed(number("Its value, in original units.", null=True), "After each iteration."),
        "By name, where history.parameters is true, else null. As CSV: columns `parameters.NAME`.",
        null=True,
    )
