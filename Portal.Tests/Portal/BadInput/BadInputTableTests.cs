namespace Portal.Tests.Portal.BadInput;

/// <summary>Every kind of bad input the way from draft to production must bear, and the test that holds it. A line whose test is gone fails.</summary>
public sealed class BadInputTableTests
{
    /// <summary>What happens → <c>Class.Method</c> of this project, or <c>file: title</c> of a browser test.</summary>
    public static TheoryData<string, string> Lines => new()
    {
        { "expired, forged, alg:none, wrong-audience and crit ID tokens", "SignInTests.SignIn_TokenNotToBeTrusted_IsRefusedAndRecordedWithTheReason" },
        { "replayed answers of the provider", "SignInTests.Callback_AnswerOfAnotherBrowserOrUsedBefore_IsRefused" },
        { "forged and replayed logout tokens", "BackchannelLogoutTests.Logout_TokenNotToBeTrusted_EndsNothing" },
        { "replayed logout tokens", "BackchannelLogoutTests.Logout_ProperToken_EndsTheSessionOnceAndNotTheNextOne" },
        { "callback without state", "SignInTests.Callback_StateThatIsNone_IsRefused" },
        { "provider down at sign-in", "SignInTests.SignIn_ProviderDown_SaysSoAndWorksWhenItIsBack" },
        { "provider down at key roll-over", "SignInTests.SignIn_ProviderDownAtKeyRollover_RefusesTheNewKeyAndWorksWhenItIsBack" },
        { "key roll-over", "ProviderMetadataTests.GetNewer_KeyRolledOver_HasTheNewKeyAtOnceButRestsAfterwards" },
        { "two approvals at the same instant", "ReleaseDeskTests.Approve_TwoAtOnceAndClickedTwice_PublishesOnce" },
        { "approve while the content changes", "ReleaseDeskTests.Approve_WhileTheContentChanges_PublishesOnlyWhatWasAgreed" },
        { "an approval of a content that is another by now", "ReleaseDeskTests.Revise_AfterAnApproval_VoidsIt" },
        { "publish while the API server is away", "PublisherTests.PublishPending_ClusterBack_PublishesWhatWasPromised" },
        { "publish refused: 409, 422, 403 and the rest", "ClusterAnswersTests.Publish_ClusterAnswers_IsRefusedOrTriedAgain" },
        { "publish refused: fields of another manager", "PublisherTests.Submit_ContentOfAnotherManager_NamesItAndForceTakesOver" },
        { "publish refused by a webhook", "ReleaseDeskTests.Retry_AfterTheClusterRefused_NeedsNoNewApproval" },
        { "publish answered after a timeout", "ReleaseCrashTests.Approve_ServerAnswersAfterTheTimeout_IsTriedAgainAndStaysOne" },
        { "publish that keeps nobody waiting", "PublisherTests.Submit_ClusterAnswersTooLate_SaysSoAndGoesOn" },
        { "the process dies between any two steps", "ReleaseCrashTests.Approve_ProcessDies_PublishesExactlyOnceAfterTheNextStart" },
        { "a prompt of Argo CD", "OwnedObjectTests.Publish_PromptOfArgo_IsRefusedAndTouchesNothing" },
        { "a prompt of Argo CD, in a browser", "audit.spec.ts: a prompt of Argo CD is offered as a file instead of published" },
        { "revoked token in use", "ServiceTokensTests.Revoke_TokenInUse_IsNobodyAtOnceAlsoAfterARestart" },
        { "SQL, script and template injection in every text of the REST API", "InjectionTests.Api_HostileTextInEveryField_IsTextOrRefused" },
        { "injection in titles and comments", "InjectionTests.Release_TitleAndCommentOfAnyText_ComeBackAsTheyWereWritten" },
        { "injection in the fields of pages", "bad-input.spec.ts: script and templates in every field of a page are text" },
        { "1 MB of text over REST", "PromptsApiTests.EveryBody_TooDeepOrTooLarge_IsRefused" },
        { "1 MB pasted into the editor", "bad-input.spec.ts: a megabyte pasted into the editor is told to be too much, and the page goes on" },
        { "database locked", "DatabaseTroubleTests.Submit_DatabaseLockedByAnotherProgram_WaitsForIt" },
        { "database full", "DatabaseTroubleTests.Sqlite_DatabaseFull_IsToldApartAndLosesNothing" },
        { "database that fails within a decision", "DatabaseTroubleTests.Approve_DatabaseFailsInTheMiddle_LeavesNothingAndWorksAfterwards" },
        { "database that fails after the cluster answered", "DatabaseTroubleTests.Approve_DatabaseFailsAfterTheClusterAnswered_IsRecordedLater" },
        { "database of yesterday: numbers", "LostReleasesTests.Submit_OnADatabaseOlderThanTheCluster_GivesNoNumberTwice" },
        { "database of yesterday: notice", "LostReleasesTests.Look_DatabaseOlderThanTheCluster_IsNamedOnceWithTheObjectsUntilTheyAreReleasedAgain" },
        { "database of yesterday: heads of the audit", "AuditVerifierTests.VerifyAsync_YesterdaysDatabaseRestored_SaysWhatIsLostAlsoAfterItWentOn" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Line_Always_HasATestThatRuns(string line, string test) => ShownBy.Require(line, test);
}
