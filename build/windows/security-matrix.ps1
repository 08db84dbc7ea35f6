# Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
<#
.SYNOPSIS
Shows on Windows who can open a pipe of npipe, and who can create instances of it.

.DESCRIPTION
Starts the echo example's server as the current user, with its default security and with --allow, and tries to open its pipe
and to create an instance of it: as the same user, as the same user without elevation, and as a second local user, which is
created for this and removed. Prints what happened beside what is expected; exits with 1 if they differ. What the current
user may not try (a second user needs an elevated shell) is printed as not run. See docs/security.md.

.EXAMPLE
.\run-example.cmd echo; powershell -ExecutionPolicy Bypass -File build\windows\security-matrix.ps1
#>
[CmdletBinding()]
param(
    [string] $Jar,
    [int] $TimeoutSeconds = 600
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if (-not $Jar) { $Jar = Join-Path $PSScriptRoot '..\..\example-echo\target\npipe-example-echo-0.1.0-SNAPSHOT.jar' }
$java = if ($env:JAVA_HOME) { Join-Path $env:JAVA_HOME 'bin\java.exe' } else { 'java.exe' }
$powershell = Join-Path $env:SystemRoot 'System32\WindowsPowerShell\v1.0\powershell.exe'
$identity = [Security.Principal.WindowsIdentity]::GetCurrent()
$isElevated = ([Security.Principal.WindowsPrincipal] $identity).IsInRole(
    [Security.Principal.WindowsBuiltInRole]::Administrator)

# What is run from here must not be another user's to change: they may read it. They write to a folder beside it what they
# have found out, and nothing of that is run.
$folder = Join-Path $env:ProgramData ('npipe-' + [Guid]::NewGuid())
$results = Join-Path $folder 'results'
$client = Join-Path $folder 'client.ps1'

# What each client runs: opens the pipe, says a word to it, creates an instance; writes "<open> <create> <rights>".
$clientScript = @'
param([string] $Name, [string] $Result)
function Try-To([scriptblock] $action) {
    try { & $action; 'yes' } catch {
        $cause = $_.Exception
        while ($cause.InnerException) { $cause = $cause.InnerException }
        if ($cause -is [UnauthorizedAccessException]) { 'refused' } else { 'failed:' + $cause.GetType().Name }
    }
}
$opened = Try-To {
    $pipe = New-Object IO.Pipes.NamedPipeClientStream('.', $Name, [IO.Pipes.PipeDirection]::InOut,
        [IO.Pipes.PipeOptions]::None, [Security.Principal.TokenImpersonationLevel]::Identification)
    $pipe.Connect(600000)
    $pipe.WriteByte(42)
    if ($pipe.ReadByte() -ne 42) { throw 'not the echo' }
    $pipe.Dispose()
}
$created = Try-To {
    (New-Object IO.Pipes.NamedPipeServerStream($Name, [IO.Pipes.PipeDirection]::InOut, -1)).Dispose()
}
$isElevated = ([Security.Principal.WindowsPrincipal] [Security.Principal.WindowsIdentity]::GetCurrent()).IsInRole(
    [Security.Principal.WindowsBuiltInRole]::Administrator)
$rights = if ($isElevated) { 'elevated' } else { 'limited' }
Set-Content -Path ($Result + '.part') -Value "$opened $created $rights"
Move-Item ($Result + '.part') $Result
'@

function New-Folders {
    New-Item -ItemType Directory $folder | Out-Null
    & icacls.exe $folder /inheritance:r /grant "*$($identity.User.Value):(OI)(CI)F" '*S-1-5-18:(OI)(CI)F' `
        '*S-1-5-32-545:(OI)(CI)RX' | Out-Null
    if ($LASTEXITCODE) { throw "icacls: $LASTEXITCODE" }
    New-Item -ItemType Directory $results | Out-Null
    & icacls.exe $results /grant '*S-1-5-32-545:(OI)(CI)M' | Out-Null
    if ($LASTEXITCODE) { throw "icacls: $LASTEXITCODE" }
    Set-Content -Path $client -Value $clientScript
}

function Wait-Until([string] $what, [scriptblock] $condition) {
    $end = (Get-Date).AddSeconds($TimeoutSeconds)
    while (-not (& $condition)) {
        if ((Get-Date) -gt $end) { throw "${what}: not within $TimeoutSeconds s" }
        Start-Sleep -Milliseconds 100
    }
}

function Start-Server([string] $name, [string[]] $allowed) {
    $output = Join-Path $folder "$name.out"
    $arguments = @('-jar', "`"$Jar`"", '--server', '--name', $name)
    foreach ($account in $allowed) { $arguments += @('--allow', $account) }
    $process = Start-Process $java $arguments -PassThru -NoNewWindow -RedirectStandardOutput $output `
        -RedirectStandardError (Join-Path $folder "$name.err")
    $servers[$name] = $process
    Wait-Until 'the server' {
        if ($process.HasExited) { throw "the server ended: $(Get-Content (Join-Path $folder "$name.err"))" }
        (Test-Path $output) -and ((Get-Content $output -Raw) -match 'Ctrl-C ends it')
    }
}

# Returns "<open> <create> <rights>".
function Invoke-Client([string] $as, [string] $name) {
    $result = Join-Path $results ([Guid]::NewGuid())
    $command = "-NoProfile -ExecutionPolicy Bypass -File `"$client`" -Name $name -Result `"$result`""
    switch ($as) {
        'the same user' { Start-Process $powershell $command -WindowStyle Hidden | Out-Null }
        'the same user, not elevated' {
            & runas.exe /trustlevel:0x20000 "$powershell $($command.Replace('"', '\"'))" | Out-Null
            if ($LASTEXITCODE) { throw "runas: $LASTEXITCODE" }
        }
        'another user' {
            Start-Process $powershell $command -Credential $credential -WorkingDirectory $folder | Out-Null
        }
    }
    Wait-Until "the client as $as" { Test-Path $result }
    (Get-Content $result).Trim()
}

$rows = @(
    # security, client, can it open the pipe, can it create an instance
    @('default', 'the same user', 'yes', 'yes'),
    @('default', 'the same user, not elevated', 'yes', 'yes'),
    @('default', 'another user', 'refused', 'refused'),
    @('allowed', 'the same user', 'yes', 'yes'),
    @('allowed', 'the same user, not elevated', 'yes', 'yes'),
    @('allowed', 'another user', 'yes', 'refused')
)

$other = $null
$servers = @{}
$failed = 0
try {
    New-Folders
    if ($isElevated) {
        $password = ConvertTo-SecureString ('aA1!' + [Guid]::NewGuid()) -AsPlainText -Force
        $otherName = 'npipe' + (Get-Random -Maximum 1000000)
        $other = New-LocalUser $otherName -Password $password -AccountNeverExpires
        Add-LocalGroupMember -SID 'S-1-5-32-545' -Member $other
        $credential = New-Object Management.Automation.PSCredential(".\$otherName", $password)
    }
    $allow = if ($other) { $other.SID.Value } else { 'S-1-5-18' }
    $names = @{ default = 'npipe-matrix-' + [Guid]::NewGuid(); allowed = 'npipe-matrix-' + [Guid]::NewGuid() }
    Start-Server $names.default @()
    Start-Server $names.allowed @($allow)

    foreach ($row in $rows) {
        $security, $as, $open, $create = $row
        $needsElevation = $as -ne 'the same user'
        if ($needsElevation -and -not $isElevated) {
            '{0,-8} {1,-28} not run: this shell is not elevated' -f $security, $as
            continue
        }
        $actual = Invoke-Client $as $names[$security]
        $rights = if ($isElevated -and $as -eq 'the same user') { 'elevated' } else { 'limited' }
        $isExpected = $actual -eq "$open $create $rights"
        if (-not $isExpected) { $failed++ }
        '{0,-8} {1,-28} opens: {2,-8} creates: {3,-8} {4}' -f $security, $as, ($actual -split ' ')[0],
            ($actual -split ' ')[1], $(if ($isExpected) { "$rights, as expected" } else {
                "$(($actual -split ' ')[2]), EXPECTED $open $create $rights" })
    }
    if ($other) {
        # The server knows the other user by its token.
        $told = Get-Content (Join-Path $folder "$($names.allowed).out") -Raw
        $isKnown = $told -match [regex]::Escape("user $($other.SID.Value)")
        if (-not $isKnown) { $failed++ }
        "the server was told the other user's SID: $(if ($isKnown) { 'yes' } else { 'NO' })"
    }
}
finally {
    foreach ($server in $servers.Values) { Stop-Process -Id $server.Id -Force -ErrorAction SilentlyContinue }
    if ($other) { Remove-LocalUser -SID $other.SID }
    Remove-Item $folder -Recurse -Force -ErrorAction SilentlyContinue
}
exit $(if ($failed) { 1 } else { 0 })
