using Portal.ApiServer.Handlers;

namespace Portal.ApiServer.Admission;

/// <summary>Everything that may change or refuse a write after decoding and before storing, in order.</summary>
internal sealed class AdmissionChain(IReadOnlyList<IAdmission> steps)
{
    /// <summary>Lets each step change the object; returns whether one did.</summary>
    public async Task<bool> MutateAsync(AdmissionRequest request, ServerContext server, CancellationToken cancellationToken)
    {
        var changed = false;
        foreach (var step in steps)
        {
            changed |= await step.MutateAsync(request, server, cancellationToken);
        }

        return changed;
    }

    /// <exception cref="ApiException">A step refuses.</exception>
    public async Task ValidateAsync(AdmissionRequest request, ServerContext server, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
        {
            await step.ValidateAsync(request, server, cancellationToken);
        }
    }
}

/// <summary>One write under admission.</summary>
/// <param name="Operation"><c>CREATE</c>, <c>UPDATE</c> or <c>DELETE</c>.</param>
/// <param name="Write">Who writes what, and how.</param>
/// <param name="Name">Object name.</param>
/// <param name="Object">The new state, null for a delete. Mutating steps change it in place.</param>
/// <param name="Old">The stored state, null for a create.</param>
internal sealed record AdmissionRequest(string Operation, WriteContext Write, string Name, JsonObject? Object, JsonObject? Old);

/// <summary>A step of admission.</summary>
internal interface IAdmission
{
    Task<bool> MutateAsync(AdmissionRequest request, ServerContext server, CancellationToken cancellationToken);

    Task ValidateAsync(AdmissionRequest request, ServerContext server, CancellationToken cancellationToken);
}
