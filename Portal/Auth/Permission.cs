namespace Portal.Auth;

/// <summary>The verbs of the product. Everything that is served or done names one of them.</summary>
public enum Permission
{
    /// <summary>See prompts, drafts, flows, models, releases and their history.</summary>
    ReadNamespace,

    /// <summary>Run prompts and call flows: costs money, changes nothing.</summary>
    Run,

    /// <summary>Write, discard and import drafts.</summary>
    EditDraft,

    /// <summary>Ask for a release, change or withdraw the request.</summary>
    SubmitRelease,

    /// <summary>Approve, reject or send back a request; roll back through the same policy.</summary>
    ApproveRelease,

    /// <summary>Say something about a request, or about a run that one may read.</summary>
    Comment,

    /// <summary>Publish without a request where no policy protects the namespace.</summary>
    PublishDirectly,

    /// <summary>Publish past a policy, with a reason, loudly marked.</summary>
    BreakGlass,

    /// <summary>Delete published prompts.</summary>
    DeletePrompt,

    /// <summary>Create, change, pause and delete flows and what they run on.</summary>
    ManageFlows,

    /// <summary>Create, change and delete budgets, also those that stop flows.</summary>
    ManageBudgets,

    /// <summary>Policies of environments, roll-outs of settings, and what else belongs to the whole portal.</summary>
    ManageSettings,

    /// <summary>Make and revoke service tokens.</summary>
    ManageTokens,

    /// <summary>Read, verify and export the audit.</summary>
    ReadAudit,

    /// <summary>Read inputs and answers that others' runs left; one's own one may read always.</summary>
    ReadRuns,
}
