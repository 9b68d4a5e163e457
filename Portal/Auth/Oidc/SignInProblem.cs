namespace Portal.Auth.Oidc;

/// <summary>Why a sign-in did not come about, as the page says it; the exact reason is in the log and the audit.</summary>
internal enum SignInProblem
{
    /// <summary>The answer does not belong to a sign-in this browser began, or that was too long ago, or it was used before.</summary>
    State,

    /// <summary>The person or the provider said no.</summary>
    Denied,

    /// <summary>What the provider sent cannot be trusted.</summary>
    Refused,

    /// <summary>The provider cannot be reached.</summary>
    Unavailable,
}

/// <summary>A sign-in that failed.</summary>
internal sealed class SignInFailedException(SignInProblem problem, string? reason = null)
    : Exception(reason ?? "The answer does not belong to a sign-in this browser has begun.")
{
    public SignInProblem Problem => problem;
}
