"""The search terms of file events that the vendor's public SDK knows, beside `@timestamp`."""

_BY_PART = {
    "destination": """
        accountName accountType category domains email.recipients email.subject ip name operatingSystem
        printJobName printedFilesBackupPath printerName privateIp remoteHostname removableMedia.busType
        removableMedia.capacity removableMedia.mediaName removableMedia.name removableMedia.partitionId
        removableMedia.serialNumber removableMedia.vendor removableMedia.volumeName tabs.title
        tabs.titleError tabs.url tabs.urlError user.email
    """,
    "event": """
        action detectorDisplayName id ingested inserted observer relatedEvents.agentTimestamp
        relatedEvents.eventAction relatedEvents.id relatedEvents.sourceCategory relatedEvents.sourceName
        relatedEvents.tabs.title relatedEvents.tabs.titleError relatedEvents.tabs.url
        relatedEvents.tabs.urlError relatedEvents.userEmail shareType vector
    """,
    "file": """
        acquiredFrom.agentTimestamp acquiredFrom.eventAction acquiredFrom.eventId acquiredFrom.fileName
        acquiredFrom.git.repositoryEmail acquiredFrom.git.repositoryUri acquiredFrom.git.repositoryUser
        acquiredFrom.md5 acquiredFrom.sourceAccountName acquiredFrom.sourceAccountType
        acquiredFrom.sourceCategory acquiredFrom.sourceDomains acquiredFrom.sourceName
        acquiredFrom.sourceUser.email acquiredFrom.tabs.title acquiredFrom.tabs.titleError
        acquiredFrom.tabs.url acquiredFrom.tabs.urlError acquiredFrom.userEmail category categoryByBytes
        categoryByExtension changeType classifications.value classifications.vendor cloudDriveId created
        directory directoryId hash.md5 hash.md5Error hash.sha256 hash.sha256Error id mimeTypeByBytes
        mimeTypeByExtension modified name originalDirectory originalName owner sizeInBytes url
    """,
    "git": """
        eventId lastCommitHash repositoryEmail repositoryEndpointPath repositoryUri repositoryUser
    """,
    "process": """
        executable owner
    """,
    "report": """
        count description headers id name type
    """,
    "risk": """
        indicators.id indicators.name indicators.weight score severity trustReason trusted
        untrustedValues.accountNames untrustedValues.domains untrustedValues.gitRepositoryUris
        untrustedValues.slackWorkspaces untrustedValues.urlPaths
    """,
    "source": """
        accountName accountType category domain domains email.from email.sender ip name operatingSystem
        privateIp removableMedia.busType removableMedia.capacity removableMedia.mediaName
        removableMedia.name removableMedia.partitionId removableMedia.serialNumber removableMedia.vendor
        removableMedia.volumeName tabs.title tabs.titleError tabs.url tabs.urlError user.email
    """,
    "user": """
        deviceUid email id
    """,
}
TERMS = frozenset(f"{part}.{name}" for part, names in _BY_PART.items() for name in names.split())
