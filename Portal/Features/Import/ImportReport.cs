namespace Portal.Features.Import;

/// <summary>What becomes of one object of an import.</summary>
public enum ImportResult
{
    /// <summary>It applies as it is written.</summary>
    AsIs,

    /// <summary>It applies with the changes that are listed.</summary>
    Changed,

    /// <summary>It cannot be applied; the problems say why.</summary>
    Refused,

    /// <summary>It is not for the importer.</summary>
    LeftOut,
}

/// <summary>What the importer does to a manifest.</summary>
/// <param name="Field">Path of the field, such as <c>spec.prompts[0].name</c>.</param>
/// <param name="Reason">What is done with it, and why.</param>
public sealed record ImportChange(string Field, string Reason);

/// <summary>Why an object is refused, or what is doubtful about it.</summary>
/// <param name="Field">Path of the field; null when it concerns the object as a whole.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Fix">What to do about it; null when the message says so.</param>
public sealed record ImportProblem(string? Field, string Message, string? Fix = null);

/// <summary>One object of an import.</summary>
/// <param name="Line">Where its document begins.</param>
/// <param name="Kind">Empty when it says none.</param>
/// <param name="Name">Empty when it says none.</param>
public sealed record ImportedObject(int Line, string Kind, string Name, ImportResult Result)
{
    public IReadOnlyList<ImportChange> Changes { get; init; } = [];

    /// <summary>Of a refused object why; of one that was left out, the reason.</summary>
    public IReadOnlyList<ImportProblem> Problems { get; init; } = [];

    /// <summary>What its condition will tell: it applies, and does not work as it is written.</summary>
    public IReadOnlyList<ImportProblem> Warnings { get; init; } = [];
}

/// <summary>What an import did, or would do.</summary>
/// <param name="DryRun">Whether nothing was changed.</param>
/// <param name="Namespace">Where the objects go.</param>
/// <param name="Objects">In the order of the file.</param>
public sealed record ImportReport(bool DryRun, string Namespace, IReadOnlyList<ImportedObject> Objects)
{
    public int Count(ImportResult result) => Objects.Count(item => item.Result == result);

    /// <summary>How many apply.</summary>
    public int Applicable => Count(ImportResult.AsIs) + Count(ImportResult.Changed);
}

/// <summary>The text is not what can be imported at all; the message says why, and where.</summary>
public sealed class ImportException(string message) : Exception(message);
