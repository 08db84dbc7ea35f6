@echo off
rem Builds what an example needs and runs it: run-example NAME [OPTIONS]
setlocal

set "root=%~dp0"
if "%~1"=="echo" goto known
if "%~1"=="multithreaded-server" goto known
if "%~1"=="grpc" goto known
goto usage

:known
set "module=example-%~1"

set "jar=%root%%module%\target\npipe-%module%-0.1.0-SNAPSHOT.jar"
set "log=%root%%module%\target\run-example.log"
echo npipe: building (the first time takes a few minutes)... 1>&2
if not exist "%root%%module%\target" mkdir "%root%%module%\target"
pushd "%root%"
call mvnw.cmd -q -pl %module% -am package -DskipTests > "%log%" 2>&1
if errorlevel 1 (
    popd
    type "%log%" 1>&2
    echo npipe: the build failed; the lines above say why 1>&2
    exit /b 1
)
popd

set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
rem As they were typed, without the name before them. No quotes around: what is quoted inside must stay so.
set options=%*
goto %module%
:example-echo
set options=%options:*echo=%
goto run
:example-multithreaded-server
set options=%options:*multithreaded-server=%
goto run
:example-grpc
set options=%options:*grpc=%
:run
"%java%" -Xmx64m -jar "%jar%" %options%
exit /b %errorlevel%

:usage
echo usage: run-example NAME [OPTIONS]; run-example NAME --help shows the options 1>&2
echo examples: echo, multithreaded-server, grpc 1>&2
exit /b 2
