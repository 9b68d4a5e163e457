namespace Portal.Runner.Evaluation.Datasets;

/// <summary>One test case, in Genkit's terms.</summary>
/// <param name="Id"><c>testCaseId</c>, or the row's number from 1.</param>
/// <param name="Input">What the flow gets.</param>
/// <param name="Reference">What a right answer is; null when the row has none.</param>
/// <param name="Context">What the answer must be faithful to; null when the row has none.</param>
internal sealed record DatasetRow(string Id, JsonNode? Input, JsonNode? Reference, JsonArray? Context);
